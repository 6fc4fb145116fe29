"""Every call of the official client that the Community edition answers (ML backends apart), on each database."""

import io
import json
import os
import unittest

from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError
from support import CONFIG, TOKEN, Bucket, Receiver, Server, eventually, on_every_database, region


class Calls:
    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.database)
        cls.addClassCleanup(cls.server.stop)
        cls.client = LabelStudio(base_url=cls.server.url, api_key=TOKEN)

    def project(self, count=3, **fields):
        project = self.client.projects.create(**{"title": "From Python", "label_config": CONFIG, **fields}).id
        tasks = [{"text": f"Sentence {n}"} for n in range(1, count + 1)]
        answer = self.client.projects.import_tasks(project, request=tasks, return_task_ids=True)
        return project, answer.task_ids

    def refused(self, status, call, *args, **kwargs):
        with self.assertRaises(ApiError) as caught:
            call(*args, **kwargs)
        self.assertEqual(caught.exception.status_code, status, caught.exception.body)
        return caught.exception.body


@on_every_database
class Projects(Calls):
    def test_list_pages_filters_and_counts(self):
        made = [self.client.projects.create(title=f"Listed {n:02}").id for n in range(35)]
        listed = [p.id for p in self.client.projects.list(title="listed")]
        self.assertEqual(listed, made[::-1])
        ordered = [p.title for p in self.client.projects.list(title="Listed", ordering="title", page_size=10)]
        self.assertEqual(ordered, [f"Listed {n:02}" for n in range(35)])
        some = [p.id for p in self.client.projects.list(ids=f"{made[0]},{made[3]}")]
        self.assertEqual(some, [made[3], made[0]])
        short = self.client.projects.list(ids=str(made[0]), include="id,title").items[0]
        self.assertEqual((short.id, short.title, short.label_config), (made[0], "Listed 00", None))
        project, ids = self.project(4)
        self.client.annotations.create(ids[0], result=[region("Glad")])
        self.client.predictions.create(task=ids[0], result=[region("Sad")])
        counts = self.client.projects.list_counts(ids=str(project)).results[0]
        self.assertEqual((counts.task_number, counts.finished_task_number), (4, 1))
        self.assertEqual((counts.total_annotations_number, counts.total_predictions_number), (1, 1))

    def test_create_get_update_delete(self):
        fields = {
            "title": "All fields",
            "description": "What it is for",
            "label_config": CONFIG,
            "expert_instruction": "<b>Look</b><script>alert(1)</script>",
            "show_instruction": True,
            "show_skip_button": False,
            "enable_empty_annotation": False,
            "show_annotation_history": True,
            "color": "#00AA00",
            "maximum_annotations": 3,
            "min_annotations_to_start_training": 2,
            "show_collab_predictions": True,
            "sampling": "Uniform sampling",
            "show_ground_truth_first": True,
            "show_overlap_first": True,
            "overlap_cohort_percentage": 50,
            "task_data_login": "me",
            "task_data_password": "secret word",
            "evaluate_predictions_automatically": True,
            "skip_queue": "IGNORE_SKIPPED",
            "reveal_preannotations_interactively": True,
            "is_draft": True,
        }
        weights = {"mood": {"overall": 0.5, "type": "Choices", "labels": {"Glad": 0.25, "Sad": 1.0}}}
        made = self.client.projects.create(control_weights=weights, **fields)
        got = self.client.projects.get(made.id)
        for name, value in fields.items():
            expected = {"expert_instruction": "<b>Look</b>", "task_data_password": None}.get(name, value)
            self.assertEqual(getattr(got, name), expected, name)
        weight = got.control_weights["mood"]
        self.assertEqual((weight.overall, weight.labels), (0.5, {"Glad": 0.25, "Sad": 1.0}))
        self.assertEqual(got.parsed_label_config["mood"]["labels"], ["Glad", "Sad"])
        changed = self.client.projects.update(made.id, title="Changed", pinned_at="2026-01-31T12:00:00Z", is_published=True)
        self.assertEqual((changed.title, changed.is_draft), ("Changed", False))
        self.assertEqual([p.id for p in self.client.projects.list(filter="pinned_only")], [made.id])
        self.client.projects.delete(made.id)
        self.refused(404, self.client.projects.get, made.id)
        self.refused(400, self.client.projects.create, title="ab")

    def test_import_with_all_its_parameters(self):
        project = self.client.projects.create(title="Imports", label_config=CONFIG).id
        counted = self.client.projects.import_tasks(project, request=[{"text": "a"}], commit_to_project=False)
        self.assertEqual(len(list(self.client.tasks.list(project=project))), 0, counted)
        request = [{"text": "a", "mood": "Glad"}, {"text": "b", "mood": "Sad"}]
        answer = self.client.projects.import_tasks(
            project, request=request, return_task_ids=True, preannotated_from_fields=["mood"]
        )
        self.assertEqual((answer.task_count, answer.prediction_count, len(answer.task_ids)), (2, 2, 2))
        found = self.client.predictions.list(project=project)
        self.assertEqual([p.result[0]["value"]["choices"] for p in found], [["Glad"], ["Sad"]])

    def test_import_predictions(self):
        project, ids = self.project(2)
        request = [{"task": ids[0], "result": [region("Glad")], "score": 0.5, "model_version": "m"}]
        self.assertEqual(self.client.projects.import_predictions(project, request=request).created, 1)
        self.assertEqual(self.client.predictions.list(task=ids[0])[0].score, 0.5)
        self.refused(400, self.client.projects.import_predictions, project, request=[{"task": 0, "result": []}])

    def test_validate_and_annotators(self):
        project, ids = self.project(1)
        same = self.client.projects.validate_label_config(project, label_config=CONFIG)
        self.assertIsNone(same.config_essential_data_has_changed)
        less = CONFIG.replace('<Choice value="Sad"/>', "")
        other = self.client.projects.validate_label_config(project, label_config=less)
        self.assertTrue(other.config_essential_data_has_changed)
        self.refused(400, self.client.projects.validate_label_config, project, label_config="<View>")
        self.assertEqual(self.client.projects.list_unique_annotators(project), [])
        self.client.annotations.create(ids[0], result=[region("Sad")])
        self.refused(400, self.client.projects.validate_label_config, project, label_config=less)
        people = self.client.projects.list_unique_annotators(project)
        self.assertEqual([person.email for person in people], ["owner@example.com"])

    def test_a_project_of_another_kind_of_data(self):
        for config, data in [
            ('<View><Image name="i" value="$i"/><RectangleLabels name="l" toName="i"><Label value="A"/></RectangleLabels></View>', {"i": "http://x/y.png"}),
            ('<View><Audio name="a" value="$a"/><Labels name="l" toName="a"><Label value="A"/></Labels></View>', {"a": "http://x/y.wav"}),
        ]:
            project = self.client.projects.create(title="Kinds", label_config=config)
            task = self.client.tasks.create(project=project.id, data=data)
            interface = self.client.projects.get(project.id).get_label_interface()
            self.assertEqual((interface.get_control("l").tag.endswith("abels"), task.data), (True, data))


@on_every_database
class Exports(Calls):
    def test_at_once(self):
        project, ids = self.project(3)
        self.client.annotations.create(ids[1], result=[region("Glad")])
        exports = self.client.projects.exports
        names = [form["name"] if isinstance(form, dict) else form.name for form in exports.list_formats(project)]
        self.assertIn("CSV", names)
        annotated = json.loads(b"".join(exports.download_sync(project, export_type="JSON")))
        self.assertEqual([task["id"] for task in annotated], [ids[1]])
        everything = json.loads(b"".join(exports.download_sync(project, export_type="JSON", download_all_tasks=True)))
        self.assertEqual([task["id"] for task in everything], ids)
        chosen = json.loads(
            b"".join(exports.download_sync(project, export_type="JSON", download_all_tasks=True, ids=[ids[2]]))
        )
        self.assertEqual([task["id"] for task in chosen], [ids[2]])
        table = b"".join(exports.download_sync(project, export_type="CSV")).decode()
        self.assertIn("Sentence 2", table)
        rows = b"".join(exports.download_sync(project, export_type="TSV")).decode()
        self.assertIn("\t", rows.splitlines()[0])

    def test_snapshots(self):
        project, ids = self.project(2)
        self.client.annotations.create(ids[0], result=[region("Glad")])
        exports = self.client.projects.exports
        made = exports.create(project, title="Kept", task_filter_options={"only_with_annotations": True})
        self.assertEqual((made.title, made.status), ("Kept", "completed"))
        self.assertEqual([e.id for e in exports.list(project)], [made.id])
        self.assertEqual(exports.get(project, made.id).counters["task_number"], 1)
        converted = exports.convert(project, made.id, export_type="CSV")
        self.assertEqual(converted.export_type, "CSV")
        formats = exports.get(project, made.id).converted_formats
        self.assertEqual([(f.export_type, f.status) for f in formats], [("CSV", "completed")])
        text = b"".join(exports.download(project, made.id, export_type="CSV")).decode()
        self.assertIn("Glad", text)
        tasks = json.load(io.BytesIO(b"".join(exports.download(project, made.id, export_type="JSON"))))
        self.assertEqual([task["id"] for task in tasks], [ids[0]])
        exports.delete(project, made.id)
        self.refused(404, exports.get, project, made.id)


@on_every_database
class Tasks(Calls):
    def test_list_create_get_update_delete(self):
        project, ids = self.project(3)
        self.client.annotations.create(ids[0], result=[region("Glad")], lead_time=2)
        self.client.predictions.create(task=ids[1], result=[region("Sad")], score=0.25)
        tasks = list(self.client.tasks.list(project=project))
        self.assertEqual([t.id for t in tasks], ids)
        self.assertEqual((tasks[0].annotations[0]["result"], tasks[0].avg_lead_time), ([region("Glad")], 2.0))
        self.assertEqual(tasks[1].predictions[0].score, 0.25)
        made = self.client.tasks.create(project=project, data={"text": "By hand"}, meta={"from": "Python"})
        self.assertEqual((made.meta, made.inner_id), ({"from": "Python"}, 4))
        self.client.tasks.update(made.id, data={"text": "Changed"}, meta={"n": 2})
        got = self.client.tasks.get(made.id)
        self.assertEqual((got.data, got.meta), ({"text": "Changed"}, {"n": 2}))
        self.client.tasks.delete(made.id)
        self.refused(404, self.client.tasks.get, made.id)
        self.client.tasks.delete_all_tasks(project)
        self.assertEqual(list(self.client.tasks.list(project=project)), [])

    def test_list_by_query_and_view(self):
        project, ids = self.project(3)
        filters = {
            "conjunction": "and",
            "items": [
                {"filter": "filter:tasks:data.text", "operator": "contains", "type": "String", "value": "sentence 2"}
            ],
        }
        query = json.dumps({"filters": filters})
        self.assertEqual([t.id for t in self.client.tasks.list(project=project, query=query)], [ids[1]])
        query = json.dumps({"ordering": ["-tasks:id"]})
        self.assertEqual([t.id for t in self.client.tasks.list(project=project, query=query)], ids[::-1])
        view = self.client.views.create(project=project, data={"title": "Two", "filters": filters})
        self.assertEqual([t.id for t in self.client.tasks.list(view=view.id)], [ids[1]])
        only = [t.id for t in self.client.tasks.list(project=project, fields="task_only", page_size=2)]
        self.assertEqual(only, ids)

    def test_annotations(self):
        _, ids = self.project(1)
        made = self.client.annotations.create(
            ids[0], result=[region("Glad")], lead_time=4.5, was_cancelled=False, ground_truth=True
        )
        self.assertEqual((made.ground_truth, made.lead_time, made.completed_by), (True, 4.5, 1))
        self.assertEqual([a.id for a in self.client.annotations.list(ids[0])], [made.id])
        self.client.annotations.update(made.id, result=[region("Sad")], ground_truth=False)
        got = self.client.annotations.get(made.id)
        self.assertEqual((got.result, got.ground_truth), ([region("Sad")], False))
        self.client.annotations.delete(made.id)
        self.refused(404, self.client.annotations.get, made.id)

    def test_predictions(self):
        project, ids = self.project(1)
        made = self.client.predictions.create(task=ids[0], result={"choices": ["Sad"]}, score=0.75, model_version="v")
        self.assertEqual(made.result[0]["value"], {"choices": ["Sad"]})
        self.assertEqual([p.id for p in self.client.predictions.list(task=ids[0])], [made.id])
        self.assertEqual([p.id for p in self.client.predictions.list(project=project)], [made.id])
        self.assertEqual([p.id for p in self.client.predictions.list(task_project=project)], [made.id])
        self.client.predictions.update(made.id, result=[region("Glad")], score=0.5)
        got = self.client.predictions.get(made.id)
        self.assertEqual((got.result, got.score), ([region("Glad")], 0.5))
        self.client.predictions.delete(made.id)
        self.refused(404, self.client.predictions.get, made.id)


@on_every_database
class DataManager(Calls):
    def test_views(self):
        project, _ = self.project(1)
        views = self.client.views
        made = [views.create(project=project, data={"title": title, "ordering": ["tasks:id"]}).id for title in "AB"]
        self.assertEqual([v.id for v in views.list(project=project)], made)
        views.update(made[0], project=project, data={"title": "Renamed"})
        data = views.get(made[0]).data
        self.assertEqual(data["title"] if isinstance(data, dict) else data.title, "Renamed")
        views.update_order(project=project, ids=made[::-1])
        self.assertEqual([v.id for v in views.list(project=project)], made[::-1])
        views.delete(made[1])
        self.assertEqual([v.id for v in views.list(project=project)], made[:1])
        views.delete_all(project=project)
        self.assertEqual(views.list(project=project), [])

    def test_actions(self):
        project, ids = self.project(4)
        names = [action.id for action in self.client.actions.list(project=project)]
        for name in ["predictions_to_annotations", "delete_tasks", "delete_tasks_annotations", "delete_tasks_predictions"]:
            self.assertIn(name, names)

        def act(name, *chosen):
            self.client.actions.create(
                id=name, project=project, selected_items={"all": False, "included": list(chosen)}
            )

        self.client.annotations.create(ids[0], result=[region("Glad")])
        self.client.predictions.create(task=ids[1], result=[region("Sad")])
        act("delete_tasks_annotations", ids[0])
        self.assertEqual(self.client.tasks.get(ids[0]).total_annotations, 0)
        act("predictions_to_annotations", ids[1])
        self.assertEqual(self.client.annotations.list(ids[1])[0].result, [region("Sad")])
        act("delete_tasks_predictions", ids[1])
        self.assertEqual(self.client.predictions.list(task=ids[1]), [])
        act("delete_tasks", ids[2], ids[3])
        self.assertEqual([t.id for t in self.client.tasks.list(project=project)], ids[:2])


@on_every_database
class Files(Calls):
    def test_uploads(self):
        project = self.client.projects.create(title="Files", label_config=CONFIG).id
        http = self.client._client_wrapper.httpx_client
        # The client has no method to upload; its own transport and key are used.
        for name in ["one.csv", "two.csv"]:
            answer = http.request(
                f"api/projects/{project}/import", method="POST", files={"file": (name, b"text\nx\n", "text/csv")}
            )
            self.assertEqual(answer.status_code, 201, answer.text)
        uploads = self.client.files.list(project, all_=True)
        self.assertEqual(len(uploads), 2)
        first = self.client.files.get(uploads[0].id)
        self.assertTrue(first.file.endswith("-one.csv"), first.file)
        chosen = self.client.files.list(project, ids=[uploads[1].id])
        self.assertEqual([u.id for u in chosen], [uploads[1].id])
        name = first.file.removeprefix("upload/")
        # The client's method asks and gives nothing back; what is there is read by its own transport.
        self.client.files.download(name)
        self.assertEqual(http.request(f"data/upload/{name}", method="GET").content, b"text\nx\n")
        changed = self.client.files.update(first.id, file=("three.csv", b"text\ny\n", "text/csv"))
        # The address stays, so that tasks go on leading to it.
        self.assertEqual(changed.file, first.file)
        self.assertEqual(http.request(f"data/upload/{name}", method="GET").content, b"text\ny\n")
        self.client.files.delete(uploads[1].id)
        self.assertEqual([u.id for u in self.client.files.list(project, all_=True)], [first.id])
        self.client.files.delete_many(project)
        self.assertEqual(self.client.files.list(project, all_=True), [])


@on_every_database
class Storages(Calls):
    def test_types(self):
        for kind in ["s3", "gcs", "azure", "localfiles"]:
            self.assertIn(kind, [t.name for t in self.client.import_storage.list_types()])
            self.assertIn(kind, [t.name for t in self.client.export_storage.list_types()])

    def test_local_files_in(self):
        project = self.client.projects.create(title="Local", label_config=CONFIG).id
        folder = os.path.join(self.server.files, f"in-{project}")
        os.makedirs(folder)
        for name in "ab":
            with open(os.path.join(folder, f"{name}.txt"), "w") as file:
                file.write(name)
        local = self.client.import_storage.local
        fields = {"project": project, "path": folder, "regex_filter": ".*txt", "use_blob_urls": True}
        local.validate(**fields)
        made = local.create(title="Folder", **fields)
        self.assertEqual((made.title, made.path), ("Folder", folder))
        self.assertEqual([s.id for s in local.list(project=project)], [made.id])
        local.update(made.id, project=project, title="Renamed")
        self.assertEqual(local.get(made.id).title, "Renamed")
        local.sync(made.id)
        self.assertTrue(eventually(lambda: local.get(made.id).status == "completed"), local.get(made.id))
        tasks = list(self.client.tasks.list(project=project))
        self.assertEqual(len(tasks), 2)
        self.assertIn("/data/local-files/?d=", tasks[0].data["text"])
        local.delete(made.id)
        self.refused(404, local.get, made.id)
        self.assertEqual(len(list(self.client.tasks.list(project=project))), 2)
        self.refused(400, local.create, project=project, path="/etc")

    def test_local_files_out(self):
        project, ids = self.project(2)
        annotation = self.client.annotations.create(ids[0], result=[region("Glad")])
        folder = os.path.join(self.server.files, f"out-{project}")
        os.makedirs(folder)
        local = self.client.export_storage.local
        local.validate(project=project, path=folder)
        made = local.create(project=project, path=folder, title="Out")
        local.update(made.id, project=project, title="Renamed")
        self.assertEqual([s.title for s in local.list(project=project)], ["Renamed"])
        local.sync(made.id)
        self.assertTrue(eventually(lambda: local.get(made.id).status == "completed"), local.get(made.id))
        with open(os.path.join(folder, str(annotation.id))) as file:
            stored = json.load(file)
        self.assertEqual((stored["id"], stored["task"]["id"]), (annotation.id, ids[0]))
        local.delete(made.id)
        self.assertEqual(local.list(project=project), [])

    def test_s3_in(self):
        bucket = Bucket({"in/a b.json": b'{"text": "from the bucket"}', "in/c.json": b'[{"text": "2"}, {"text": "3"}]'})
        self.addCleanup(bucket.server_close)
        self.addCleanup(bucket.shutdown)
        project = self.client.projects.create(title="From S3", label_config=CONFIG).id
        fields = {
            "project": project,
            "bucket": bucket.name,
            "prefix": "in",
            "s3endpoint": bucket.url,
            "region_name": "us-east-1",
            "aws_access_key_id": "key",
            "aws_secret_access_key": "secret",
            "use_blob_urls": False,
        }
        s3 = self.client.import_storage.s3
        s3.validate(**fields)
        made = s3.create(title="Bucket", **fields)
        self.assertNotIn("secret", made.model_dump_json())
        self.assertEqual([s.id for s in s3.list(project=project)], [made.id])
        s3.update(made.id, presign_ttl=5)
        self.assertEqual((s3.get(made.id).presign_ttl, s3.get(made.id).bucket), (5, bucket.name))
        s3.sync(made.id)
        self.assertTrue(eventually(lambda: s3.get(made.id).status == "completed"), s3.get(made.id))
        texts = sorted(t.data["text"] for t in self.client.tasks.list(project=project))
        self.assertEqual(texts, ["2", "3", "from the bucket"])
        s3.delete(made.id)
        self.assertEqual(s3.list(project=project), [])
        self.refused(400, s3.create, **{**fields, "bucket": "missing"})

    def test_s3_out(self):
        bucket = Bucket()
        self.addCleanup(bucket.server_close)
        self.addCleanup(bucket.shutdown)
        project, ids = self.project(1)
        annotation = self.client.annotations.create(ids[0], result=[region("Glad")])
        fields = {
            "project": project,
            "bucket": bucket.name,
            "prefix": "out",
            "s3endpoint": bucket.url,
            "aws_access_key_id": "key",
            "aws_secret_access_key": "secret",
        }
        s3 = self.client.export_storage.s3
        s3.validate(**fields)
        made = s3.create(**fields)
        s3.update(made.id, title="Renamed")
        self.assertEqual([s.title for s in s3.list(project=project)], ["Renamed"])
        s3.sync(made.id)
        self.assertTrue(eventually(lambda: s3.get(made.id).status == "completed"), s3.get(made.id))
        stored = json.loads(bucket.objects[f"out/{annotation.id}"])
        self.assertEqual((stored["id"], stored["task"]["data"]), (annotation.id, {"text": "Sentence 1"}))
        s3.delete(made.id)
        self.refused(404, s3.get, made.id)

    def test_other_kinds_are_listed_and_refuse_what_is_incomplete(self):
        project, _ = self.project(0)
        for storages in [self.client.import_storage, self.client.export_storage]:
            self.assertEqual(storages.gcs.list(project=project), [])
            self.assertEqual(storages.azure.list(project=project), [])
            self.refused(400, storages.gcs.validate, project=project, google_application_credentials="{")
            self.refused(400, storages.azure.validate, project=project, container="c", account_name="a")


@on_every_database
class Webhooks(Calls):
    def test_all(self):
        receiver = Receiver()
        self.addCleanup(receiver.server_close)
        self.addCleanup(receiver.shutdown)
        project, ids = self.project(1)
        webhooks = self.client.webhooks
        made = webhooks.create(
            url=receiver.url,
            project=project,
            headers={"X-Key": "k"},
            send_for_all_actions=False,
            actions=["ANNOTATION_CREATED"],
        )
        self.assertEqual((made.project, made.actions, made.is_active), (project, ["ANNOTATION_CREATED"], True))
        self.assertEqual([w.id for w in webhooks.list(project=str(project))], [made.id])
        self.client.annotations.create(ids[0], result=[region("Glad")])
        self.assertTrue(eventually(lambda: receiver.got))
        headers, body = receiver.got[0]
        body = json.loads(body)
        self.assertEqual((headers["X-Key"], body["action"]), ("k", "ANNOTATION_CREATED"))
        self.assertEqual((body["annotation"]["result"], body["task"]["id"]), ([region("Glad")], ids[0]))
        self.assertEqual(body["project"]["id"], project)
        webhooks.update(made.id, url=receiver.url + "?2", send_payload=False)
        got = webhooks.get(made.id)
        self.assertEqual((got.url, got.send_payload), (receiver.url + "?2", False))
        webhooks.delete(made.id)
        self.refused(404, webhooks.get, made.id)
        info = webhooks.info(organization_only=False)
        self.assertEqual((info.tasks_created.key, info.project_created), ("tasks", None))
        self.refused(404, webhooks.create, url=receiver.url)


@on_every_database
class People(Calls):
    def test_users(self):
        users = self.client.users
        me = users.whoami()
        self.assertEqual(me.email, "owner@example.com")
        self.assertEqual(users.get_current_user().id, me.id)
        made = users.create(email="new@example.com", username="new", first_name="Nora")
        self.assertIn(made.id, [u.id for u in users.list()])
        self.assertEqual(users.get(made.id).first_name, "Nora")
        self.assertEqual(users.update(me.id, first_name="Otto").first_name, "Otto")
        keys = {"annotation:submit": {"key": "ctrl+alt+y", "active": True}}
        users.update_hotkeys(custom_hotkeys=keys)
        self.assertEqual(users.get_hotkeys().custom_hotkeys, keys)
        users.delete(made.id)
        self.assertNotIn(made.id, [u.id for u in users.list()])

    def test_legacy_tokens(self):
        server = Server(self.database)
        self.addCleanup(server.stop)
        client = LabelStudio(base_url=server.url, api_key=TOKEN)
        self.assertEqual(client.users.get_token().token, TOKEN)
        new = client.users.reset_token().token
        self.refused(401, client.users.whoami)
        self.assertEqual(LabelStudio(base_url=server.url, api_key=new).users.whoami().email, "owner@example.com")

    def test_organizations(self):
        organizations = self.client.organizations
        mine = organizations.list()[0]
        got = organizations.get(mine.id)
        self.assertEqual(got.id, mine.id)
        organizations.update(mine.id, title="Renamed")
        self.assertEqual(organizations.get(mine.id).title, "Renamed")
        user = self.client.users.create(email="member@example.com", username="member")
        # Going on to a page that is not there is an error of this method of the client.
        def members():
            return [member.user.id for member in organizations.members.list(mine.id).items]

        self.assertIn(user.id, members())
        self.assertEqual(organizations.members.get(mine.id, user.id).user, user.id)
        organizations.members.delete(mine.id, user.id)
        self.assertNotIn(user.id, members())
        link = organizations.invites.get_invite_link()
        self.assertIn("/user/signup/?token=", link.invite_url)
        self.assertNotEqual(organizations.reset_token().token, link.token)

    def test_tokens_and_settings(self):
        server = Server(self.database)
        self.addCleanup(server.stop)
        client = LabelStudio(base_url=server.url, api_key=TOKEN)
        made = client.tokens.create()
        self.refused(409, client.tokens.create)
        self.assertTrue(made.token.startswith(client.tokens.list()[0].token))
        self.assertTrue(client.tokens.refresh(refresh=made.token).access)
        with_key = LabelStudio(base_url=server.url, api_key=made.token)
        self.assertEqual(with_key.users.whoami().email, "owner@example.com")
        rotated = client.tokens.rotate(refresh=made.token).refresh
        self.refused(401, client.tokens.refresh, refresh=made.token)
        client.tokens.blacklist(refresh=rotated)
        self.refused(404, client.tokens.blacklist, refresh=rotated)
        self.assertEqual(client.tokens.list(), [])
        settings = client.jwt_settings.get()
        self.assertEqual((settings.api_tokens_enabled, settings.legacy_api_tokens_enabled), (True, True))
        changed = client.jwt_settings.update(
            api_tokens_enabled=False, legacy_api_tokens_enabled=True, api_token_ttl_days=30
        )
        self.assertFalse(changed.api_tokens_enabled)
        policy = client.session_policy.get()
        self.assertEqual(policy.max_session_age, 11520)
        client.session_policy.update(max_session_age=600, max_time_between_activity=60)
        policy = client.session_policy.get()
        self.assertEqual((policy.max_session_age, policy.max_time_between_activity), (600, 60))

    def test_version(self):
        version = self.client.versions.get()
        self.assertEqual((version.edition, version.release), ("Community", "1.23.2"))


if __name__ == "__main__":
    unittest.main()
