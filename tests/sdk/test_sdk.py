"""The official Python client against the server, with each kind of token.

`cargo xtask test` sets TAGLOOM_BIN to the server's binary.
"""

import io
import json
import unittest

from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError
from support import CONFIG, TOKEN, Server, on_every_database, region


class WithEitherToken:
    """One way through the client; the classes below say with which key."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.database)
        cls.addClassCleanup(cls.server.stop)
        legacy = LabelStudio(base_url=cls.server.url, api_key=TOKEN)
        cls.client = LabelStudio(base_url=cls.server.url, api_key=cls.key(legacy))

    def project(self, count=3):
        project = self.client.projects.create(title="From Python", label_config=CONFIG)
        tasks = [{"text": f"Sentence {n}"} for n in range(1, count + 1)]
        answer = self.client.projects.import_tasks(project.id, request=tasks, return_task_ids=True)
        self.assertEqual(answer.task_count, count)
        self.assertEqual(len(answer.task_ids), count)
        return project.id, answer.task_ids

    def test_who_am_i(self):
        self.assertEqual(self.client.users.whoami().email, "owner@example.com")
        self.assertEqual(self.client.versions.get().edition, "Community")

    def test_a_project_is_made_changed_listed_and_deleted(self):
        made = self.client.projects.create(title="Short lived", label_config=CONFIG, color="#00AA00")
        self.assertEqual(made.label_config, CONFIG)
        self.client.projects.update(made.id, title="Renamed", maximum_annotations=2)
        got = self.client.projects.get(made.id)
        self.assertEqual((got.title, got.maximum_annotations, got.color), ("Renamed", 2, "#00AA00"))
        self.assertEqual(set(got.get_label_interface().get_control("mood").labels), {"Glad", "Sad"})
        self.assertIn(made.id, [project.id for project in self.client.projects.list()])
        self.client.projects.delete(made.id)
        with self.assertRaises(ApiError) as caught:
            self.client.projects.get(made.id)
        self.assertEqual(caught.exception.status_code, 404)

    def test_tasks_are_listed_page_by_page(self):
        project, ids = self.project(25)
        listed = [task.id for task in self.client.tasks.list(project=project, page_size=10)]
        self.assertEqual(listed, ids)
        page = self.client.tasks.list(project=project, page=3, page_size=10)
        self.assertEqual([task.id for task in page.items], ids[20:])
        for task, n in zip(self.client.tasks.list(project=project), range(1, 26)):
            self.assertEqual((task.data, task.inner_id), ({"text": f"Sentence {n}"}, n))

    def test_a_task_is_read_changed_and_deleted(self):
        project, ids = self.project(1)
        task = self.client.tasks.get(ids[0])
        self.assertEqual((task.id, task.project, task.data), (ids[0], project, {"text": "Sentence 1"}))
        self.client.tasks.update(ids[0], data={"text": "Changed"})
        self.assertEqual(self.client.tasks.get(ids[0]).data, {"text": "Changed"})
        made = self.client.tasks.create(project=project, data={"text": "By hand"})
        self.assertEqual(made.data, {"text": "By hand"})
        self.client.tasks.delete(made.id)
        self.assertEqual([task.id for task in self.client.tasks.list(project=project)], ids)

    def test_annotations(self):
        _, ids = self.project(1)
        made = self.client.annotations.create(ids[0], result=[region("Glad")], lead_time=4.5, was_cancelled=False)
        self.assertEqual((made.result, made.lead_time, made.task), ([region("Glad")], 4.5, ids[0]))
        self.client.annotations.update(made.id, result=[region("Sad")])
        self.assertEqual(self.client.annotations.get(made.id).result, [region("Sad")])
        self.assertEqual([a.id for a in self.client.annotations.list(ids[0])], [made.id])
        task = self.client.tasks.get(ids[0])
        self.assertTrue(task.is_labeled)
        self.assertEqual(task.total_annotations, 1)
        self.client.annotations.delete(made.id)
        self.assertEqual(self.client.annotations.list(ids[0]), [])

    def test_predictions(self):
        project, ids = self.project(2)
        made = self.client.predictions.create(task=ids[0], result=[region("Sad")], score=0.75, model_version="v1")
        self.assertEqual((made.score, made.model_version, made.project), (0.75, "v1", project))
        self.client.predictions.update(made.id, score=0.5)
        self.assertEqual(self.client.predictions.get(made.id).score, 0.5)
        request = [{"task": ids[1], "result": [region("Glad")], "model_version": "v1"}]
        self.client.projects.import_predictions(project, request=request)
        self.assertEqual([p.task for p in self.client.predictions.list(project=project)], ids)
        self.client.predictions.delete(made.id)
        self.assertEqual([p.task for p in self.client.predictions.list(task=ids[0])], [])

    def test_the_next_task(self):
        # The client has no method for it; its own transport and key are used.
        project, ids = self.project(2)
        http = self.client._client_wrapper.httpx_client

        def following():
            return http.request(f"api/projects/{project}/next/", method="GET")

        self.assertEqual(following().json()["id"], ids[0])
        self.client.annotations.create(ids[0], result=[region("Glad")])
        self.assertEqual(following().json()["id"], ids[1])
        self.client.annotations.create(ids[1], result=[region("Glad")])
        self.assertEqual(following().status_code, 404)

    def test_exports(self):
        project, ids = self.project(2)
        made = self.client.annotations.create(ids[0], result=[region("Glad")], lead_time=2)
        self.client.predictions.create(task=ids[0], result=[region("Sad")], model_version="v1")
        whole = self.client.projects.exports.as_json(project)
        self.assertEqual([task["id"] for task in whole], ids)
        annotation = whole[0]["annotations"][0]
        self.assertEqual((annotation["id"], annotation["result"]), (made.id, [region("Glad")]))
        self.assertEqual((annotation["completed_by"], annotation["lead_time"]), (1, 2))
        streamed = b"".join(self.client.projects.exports.download_sync(project, export_type="JSON_MIN"))
        self.assertEqual(json.loads(streamed)[0]["mood"], "Glad")
        table = self.client.projects.exports.as_pandas(project)
        self.assertEqual(list(table["mood"].fillna("")), ["Glad", ""])
        names = [form["name"] for form in self.client.projects.exports.list_formats(project)]
        self.assertEqual(names[:2], ["JSON", "JSON_MIN"])

        snapshot = self.client.projects.exports.create(project, title="Kept")
        self.assertEqual((snapshot.title, snapshot.status), ("Kept", "completed"))
        pieces = self.client.projects.exports.download(project, snapshot.id, export_type="JSON")
        self.assertEqual([task["id"] for task in json.load(io.BytesIO(b"".join(pieces)))], ids)
        self.client.projects.exports.delete(project, snapshot.id)
        self.assertEqual(self.client.projects.exports.list(project), [])

    def test_refusals_arrive_as_errors_with_their_text(self):
        project, ids = self.project(1)
        with self.assertRaises(ApiError) as caught:
            self.client.projects.import_tasks(project, request=[{"wrong": "field"}])
        self.assertEqual(caught.exception.status_code, 400)
        self.assertIn("text", json.dumps(caught.exception.body))
        with self.assertRaises(ApiError) as caught:
            self.client.projects.create(title="Bad", label_config="<View><Choices/></View>")
        self.assertEqual(caught.exception.status_code, 400)
        self.assertEqual(len(list(self.client.tasks.list(project=project))), len(ids))


@on_every_database
class LegacyToken(WithEitherToken):
    @staticmethod
    def key(_client):
        return TOKEN


@on_every_database
class PersonalAccessToken(WithEitherToken):
    @staticmethod
    def key(client):
        token = client.tokens.create().token
        # From here on only the new kind opens the door.
        client.jwt_settings.update(api_tokens_enabled=True, legacy_api_tokens_enabled=False, api_token_ttl_days=90)
        return token

    def test_the_legacy_token_is_off(self):
        with self.assertRaises(ApiError) as caught:
            LabelStudio(base_url=self.server.url, api_key=TOKEN).users.whoami()
        self.assertEqual(caught.exception.status_code, 401)


if __name__ == "__main__":
    unittest.main()
