//! What each call is for, in one line. A route without a line fails a test.
//!
//! Names of parameters and fields are words with an optional type: `title`, `page:int`, `all:bool`, `score:num`,
//! `result:list`, `data:object`. Parameters of paths are written as they are in the list of routes, or `{}`.

/// A call in words.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// `GET /api/projects`
    pub call: &'static str,
    pub summary: &'static str,
    pub query: &'static str,
    pub body: &'static str,
    /// A schema of [`super::schemas`], `[Schema]` for a list, `Page:Schema` for a page of them, a media type, or nothing.
    pub answer: &'static str,
    /// Of a success, where it is not the method's usual one.
    pub status: u16,
}

const fn call(call: &'static str, summary: &'static str) -> Words {
    Words { call, summary, query: "", body: "", answer: "", status: 0 }
}

impl Words {
    const fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }
    const fn body(self, body: &'static str) -> Self {
        Self { body, ..self }
    }
    const fn gives(self, answer: &'static str) -> Self {
        Self { answer, ..self }
    }
    const fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

const PAGES: &str = "page:int page_size:int";
const PROJECT: &str = "title description label_config expert_instruction show_instruction:bool maximum_annotations:int sampling \
     skip_queue color model_version show_collab_predictions:bool enable_empty_annotation:bool show_skip_button:bool";
const ANNOTATION: &str = "result:list lead_time:num was_cancelled:bool ground_truth:bool draft_id:int unique_id \
     parent_prediction:int parent_annotation:int";
const DRAFT: &str = "result:list lead_time:num was_postponed:bool";
const PREDICTION: &str = "task:int result:list score:num model_version";
const STORAGE: &str = "project:int title description bucket prefix regex_filter use_blob_urls:bool presign:bool presign_ttl:int \
     region_name s3_endpoint aws_access_key_id aws_secret_access_key path container account_name account_key \
     google_application_credentials recursive_scan:bool synchronizable:bool";
const WEBHOOK: &str =
    "project:int url send_payload:bool send_for_all_actions:bool headers:object is_active:bool actions:list";
const SELECTION: &str = "filters:object ordering:list selectedItems:object";

/// Sorted as the routes are: by topic.
pub const WORDS: &[Words] = &[
    call("GET /health", "Whether the process is up").gives("Health"),
    call("GET /health/ready", "Whether requests would be answered: database and media are there").gives("Health"),
    call("GET /metrics", "Numbers for Prometheus").gives("text/plain"),
    call("GET /version", "Versions").gives("Version"),
    call("GET /api/version", "Versions").gives("Version"),
    call("GET /docs/api", "The pages of this document").query("format").status(303),
    call("GET /docs/api/schema/json", "This document as JSON").gives("Any"),
    call("GET /docs/api/schema/yaml", "This document as YAML").gives("application/yaml"),
    call("GET /docs/api/swagger-ui", "This document as a page").gives("text/html"),
    call("GET /docs/api/redoc", "Leads to the page of this document").status(303),
    call("GET /docs/api/files/{file}", "Files of the page").gives("application/octet-stream"),
    call("GET /swagger.json", "Leads to this document as JSON").status(303),
    call("GET /samples/time-series.csv", "A made-up series to try configs with").query("time values sep tf").gives("text/csv"),
    call("GET /samples/paragraphs.json", "A made-up dialogue to try configs with").query("nameKey textKey").gives("[Any]"),
    call("GET /feature-flags", "There are no feature flags"),
    // Sign-in and tokens
    call("GET /api/auth/state", "Who is signed in, and whether somebody can be").gives("Any"),
    call("POST /api/auth/login", "Sign in; the answer sets the session's cookies").body("email password persist_session:bool").gives("User").status(200),
    call("POST /api/auth/logout", "End the session").status(204),
    call("POST /api/auth/setup", "Create the first user with the one-time link").body("token email password").gives("User"),
    call("POST /api/auth/signup", "Sign up with an invitation").query("token").body("token email password").gives("User"),
    call("GET /user/login", "The page for signing in").query("next").gives("text/html"),
    call("POST /user/login", "Sign in by form").body("email password persist_session:bool").status(303),
    call("GET /user/signup", "The page for signing up").query("token next").gives("text/html"),
    call("POST /user/signup", "Sign up by form, with an invitation").query("token next").body("email password").status(303),
    call("GET /logout", "End the session").status(303),
    call("POST /logout", "End the session").status(303),
    call("GET /api/token", "Personal access tokens, without their signatures").gives("[Token]").status(200),
    call("POST /api/token", "Make a personal access token; it is shown once").gives("Token"),
    call("POST /api/token/refresh", "An access token for a personal access token").body("refresh").gives("Any").status(200),
    call("POST /api/token/rotate", "Replace a personal access token").body("refresh").gives("Any").status(200),
    call("POST /api/token/blacklist", "Revoke a personal access token").body("refresh").status(204),
    call("GET /api/jwt/settings", "Which kinds of tokens the organization allows").gives("TokenSettings"),
    call("POST /api/jwt/settings", "Allow or forbid kinds of tokens").body("api_tokens_enabled:bool legacy_api_tokens_enabled:bool").gives("TokenSettings").status(200),
    call("GET /api/current-user", "The signed-in user").gives("User"),
    call("GET /api/current-user/whoami", "The signed-in user with permissions").gives("User"),
    call("GET /api/current-user/token", "The signed-in user's legacy token").gives("Token"),
    call("POST /api/current-user/reset-token", "A new legacy token").gives("Token"),
    call("GET /api/current-user/hotkeys", "Own keys of the signed-in user").gives("Any"),
    call("PATCH /api/current-user/hotkeys", "Change own keys").body("custom_hotkeys:object").gives("Any"),
    call("GET /api/current-user/product-tour", "How far a tour of the app is").query("name").gives("Any"),
    call("PATCH /api/current-user/product-tour", "Note how far a tour of the app is").query("name").body("state").gives("Any"),
    // Users and organizations
    call("GET /api/users", "Members of the organization").gives("[User]"),
    call("POST /api/users", "Add a member").body("email username first_name last_name").gives("User"),
    call("GET /api/users/{}", "A member").gives("User"),
    call("PATCH /api/users/{}", "Change a user's names and phone").body("first_name last_name username phone").gives("User"),
    call("PUT /api/users/{}", "Change a user's names and phone").body("first_name last_name username phone").gives("User"),
    call("DELETE /api/users/{}", "Remove a member"),
    call("POST /api/users/{}/avatar", "Upload a picture").body("avatar:file").gives("Any").status(200),
    call("DELETE /api/users/{}/avatar", "Remove the picture"),
    call("GET /data/avatars/{}", "A user's picture").gives("application/octet-stream"),
    call("GET /api/organizations", "The organization").gives("[Organization]"),
    call("POST /api/organizations", "Organizations are not made by users").body("title"),
    call("GET /api/organizations/{}", "An organization").gives("Organization"),
    call("PATCH /api/organizations/{}", "Rename an organization").body("title contact_info").gives("Organization"),
    call("GET /api/organizations/{}/memberships", "Members, page by page").query("page:int page_size:int contributed_to_projects:bool").gives("Page:Membership"),
    call("GET /api/organizations/{}/memberships/{}", "A membership").gives("Membership"),
    call("DELETE /api/organizations/{}/memberships/{}", "End a membership"),
    call("GET /api/invite", "The link that invites").gives("Any"),
    call("POST /api/invite/reset-token", "A new link that invites; the old one ends").gives("Any"),
    call("GET /api/session-policy", "How long sessions live").gives("Any"),
    call("PATCH /api/session-policy", "Change how long sessions live").body("max_session_age:int max_time_between_activity:int").gives("Any"),
    call("GET /api/audit-log", "Who did what").query("page:int page_size:int action user:int").gives("Page:Any"),
    // Projects
    call("GET /api/projects", "Projects, page by page").query("page:int page_size:int ids title ordering filter include").gives("Page:Project"),
    call("POST /api/projects", "Make a project").body(PROJECT).gives("Project"),
    call("GET /api/projects/counts", "Numbers of projects").query("page:int page_size:int ids filter include").gives("Page:Any"),
    call("POST /api/projects/validate", "Check a label config").body("label_config").status(204),
    call("GET /api/projects/{}", "A project with its numbers").gives("Project"),
    call("PATCH /api/projects/{}", "Change a project").body(PROJECT).gives("Project"),
    call("PUT /api/projects/{}", "Change a project").body(PROJECT).gives("Project"),
    call("DELETE /api/projects/{}", "Delete a project with all its data"),
    call("POST /api/projects/{}/validate", "Check a label config against what is annotated").body("label_config").gives("Any").status(200),
    call("GET /api/projects/{}/summary", "Columns of the data, labels in use").gives("Any"),
    call("POST /api/projects/{}/summary/reset", "Count columns and labels anew").status(200),
    call("POST /api/projects/{}/sample-task", "A made-up task for a label config").body("label_config include_annotation_and_prediction:bool").gives("Any").status(200),
    call("GET /api/projects/{}/model-versions", "Versions of predictions").query("extended:bool include_live_models:bool limit:int").gives("Any"),
    call("DELETE /api/projects/{}/model-versions", "Delete predictions of a version").body("model_version").gives("Any").status(200),
    call("GET /api/projects/{}/annotators", "Who has annotated").gives("[User]"),
    call("GET /api/projects/{}/label-stream-history", "What one has worked on last").gives("[Any]"),
    call("GET /api/projects/{}/next", "The next task, locked for the caller").query("view:int").gives("Task"),
    call("GET /api/projects/{}/tasks", "Tasks of a project").query("page:int page_size:int").gives("[Task]"),
    call("POST /api/projects/{}/tasks", "Make a task").body("data:object meta:object").gives("Task"),
    call("DELETE /api/projects/{}/tasks", "Delete all tasks of a project"),
    call("GET /api/projects/{}/resolve", "The file behind a storage's address").query("fileuri").gives("application/octet-stream"),
    call("GET /api/projects/{}/presign", "The file behind a storage's address").query("fileuri").gives("application/octet-stream"),
    call("GET /projects/{}/resolve", "The file behind a storage's address").query("fileuri").gives("application/octet-stream"),
    call("GET /projects/{}/presign", "The file behind a storage's address").query("fileuri").gives("application/octet-stream"),
    call("GET /api/templates", "Label configs to begin with").gives("Any"),
    // Import
    call("POST /api/projects/{}/import", "Import tasks: JSON, files or a URL").query("commit_to_project:bool return_task_ids:bool preannotated_from_fields").gives("Import"),
    call("POST /api/projects/{}/tasks/bulk", "Import tasks: JSON, files or a URL").query("commit_to_project:bool return_task_ids:bool").gives("Import"),
    call("POST /api/projects/{}/reimport", "Make the tasks of uploads anew").body("file_upload_ids:list files_as_tasks_list:bool").gives("Import"),
    call("POST /api/projects/{}/import/predictions", "Import predictions").gives("Any"),
    call("GET /api/projects/{}/imports/{}", "How an import stands").gives("Any"),
    call("GET /api/projects/{}/reimports/{}", "How a reimport stands").gives("Any"),
    call("GET /api/projects/{}/file-uploads", "Uploaded files").query("all:bool ids").gives("[FileUpload]"),
    call("DELETE /api/projects/{}/file-uploads", "Delete uploaded files").body("file_upload_ids:list").gives("Any").status(200),
    call("GET /api/import/file-upload/{}", "An uploaded file's record").gives("FileUpload"),
    call("PATCH /api/import/file-upload/{}", "Change an uploaded file's record").body("file").gives("FileUpload"),
    call("PUT /api/import/file-upload/{}", "Change an uploaded file's record").body("file").gives("FileUpload"),
    call("DELETE /api/import/file-upload/{}", "Delete an uploaded file"),
    call("GET /data/upload/{}", "An uploaded file").gives("application/octet-stream"),
    call("GET /data/local-files", "A file of the folder that is served").query("d").gives("application/octet-stream"),
    call("GET /storage-data/uploaded", "An uploaded file").query("filepath").gives("application/octet-stream"),
    // Export
    call("GET /api/projects/{}/export", "Export annotations as a file").query("exportType export_type download_all_tasks:bool download_resources:bool ids interpolate_key_frames:bool").gives("application/octet-stream"),
    call("GET /api/projects/{}/export/formats", "Formats that there are").gives("[Any]"),
    call("GET /api/projects/{}/export/files", "Files of former exports").gives("Any"),
    call("GET /api/projects/{}/exports", "Snapshots").gives("[Snapshot]"),
    call("POST /api/projects/{}/exports", "Take a snapshot").body("title task_filter_options:object annotation_filter_options:object serialization_options:object").gives("Snapshot"),
    call("GET /api/projects/{}/exports/{}", "A snapshot").gives("Snapshot"),
    call("DELETE /api/projects/{}/exports/{}", "Delete a snapshot"),
    call("POST /api/projects/{}/exports/{}/convert", "Convert a snapshot").body("export_type download_resources:bool").gives("Any").status(200),
    call("GET /api/projects/{}/exports/{}/download", "Download a snapshot").query("exportType").gives("application/octet-stream"),
    // Tasks
    call("GET /api/tasks", "Tasks of a project or a view, page by page").query("project:int view:int page:int page_size:int fields query resolve_uri:bool").gives("Any"),
    call("POST /api/tasks", "Make a task").body("project:int data:object meta:object").gives("Task"),
    call("GET /api/tasks/{}", "A task with all that hangs on it").query("resolve_uri:bool").gives("Task"),
    call("PATCH /api/tasks/{}", "Change a task").body("data:object meta:object").gives("Task"),
    call("PUT /api/tasks/{}", "Change a task").body("data:object meta:object").gives("Task"),
    call("DELETE /api/tasks/{}", "Delete a task"),
    call("GET /api/tasks/{}/agreement", "Agreement is no part of this edition").gives("Any"),
    call("GET /tasks/{}/resolve", "The file behind a storage's address").query("fileuri").gives("application/octet-stream"),
    call("GET /tasks/{}/presign", "The file behind a storage's address").query("fileuri").gives("application/octet-stream"),
    // Annotations, drafts, predictions
    call("GET /api/tasks/{}/annotations", "Annotations of a task").gives("[Annotation]"),
    call("POST /api/tasks/{}/annotations", "Submit an annotation; an `Idempotency-Key` makes a resend safe").query("was_cancelled:int").body(ANNOTATION).gives("Annotation"),
    call("GET /api/annotations/{}", "An annotation").gives("Annotation"),
    call("PATCH /api/annotations/{}", "Change an annotation; `If-Match` guards against stale tabs").body(ANNOTATION).gives("Annotation"),
    call("PUT /api/annotations/{}", "Change an annotation").body(ANNOTATION).gives("Annotation"),
    call("DELETE /api/annotations/{}", "Delete an annotation"),
    call("POST /api/annotations/{}/convert-to-draft", "Make a draft of an annotation").gives("Draft"),
    call("GET /api/tasks/{}/drafts", "Drafts of a task").gives("[Draft]"),
    call("POST /api/tasks/{}/drafts", "Save a draft").body(DRAFT).gives("Draft"),
    call("GET /api/tasks/{}/annotations/{}/drafts", "Drafts of an annotation").gives("[Draft]"),
    call("POST /api/tasks/{}/annotations/{}/drafts", "Save a draft of an annotation").body(DRAFT).gives("Draft"),
    call("GET /api/drafts/{}", "A draft").gives("Draft"),
    call("PATCH /api/drafts/{}", "Change a draft").body(DRAFT).gives("Draft"),
    call("PUT /api/drafts/{}", "Change a draft").body(DRAFT).gives("Draft"),
    call("DELETE /api/drafts/{}", "Delete a draft"),
    call("GET /api/predictions", "Predictions").query("task:int project:int").gives("[Prediction]"),
    call("POST /api/predictions", "Store a prediction").body(PREDICTION).gives("Prediction"),
    call("GET /api/predictions/{}", "A prediction").gives("Prediction"),
    call("PATCH /api/predictions/{}", "Change a prediction").body(PREDICTION).gives("Prediction"),
    call("PUT /api/predictions/{}", "Change a prediction").body(PREDICTION).gives("Prediction"),
    call("DELETE /api/predictions/{}", "Delete a prediction"),
    // Data Manager
    call("GET /api/dm/views", "Tabs of a project").query("project:int").gives("[View]"),
    call("POST /api/dm/views", "Make a tab").body("project:int data:object").gives("View"),
    call("GET /api/dm/views/{}", "A tab").gives("View"),
    call("PATCH /api/dm/views/{}", "Change a tab").body("data:object").gives("View"),
    call("PUT /api/dm/views/{}", "Change a tab").body("project:int data:object").gives("View"),
    call("DELETE /api/dm/views/{}", "Delete a tab"),
    call("DELETE /api/dm/views/reset", "Delete all tabs of a project").query("project:int").body("project:int"),
    call("POST /api/dm/views/order", "Put tabs in order").body("project:int ids:list").status(200),
    call("GET /api/dm/columns", "Columns of a project's tasks").query("project:int").gives("Any"),
    call("GET /api/dm/project", "A project as the table shows it").query("project:int").gives("Project"),
    call("GET /api/dm/actions", "What can be done with chosen tasks").query("project:int").gives("[Any]"),
    call("POST /api/dm/actions", "Do something with chosen tasks").query("id project:int view:int").body(SELECTION).gives("Any").status(200),
    call("GET /api/dm/actions/{}/form", "What an action asks for").query("project:int").gives("Any"),
    // Storages
    call("GET /api/storages", "Import storages of a project").query("project:int").gives("[Storage]"),
    call("GET /api/storages/types", "Kinds of import storages").gives("[Any]"),
    call("GET /api/storages/export", "Export storages of a project").query("project:int").gives("[Storage]"),
    call("GET /api/storages/export/types", "Kinds of export storages").gives("[Any]"),
    call("GET /api/storages/{type}", "Import storages of a kind").query("project:int").gives("[Storage]"),
    call("POST /api/storages/{type}", "Add an import storage").body(STORAGE).gives("Storage"),
    call("POST /api/storages/{type}/validate", "Try an import storage's settings").body(STORAGE).status(200),
    call("POST /api/storages/{type}/diagnose", "Why an import storage's settings do not work").body(STORAGE).gives("Any"),
    call("GET /api/storages/{type}/form", "Fields of an import storage").gives("[Any]"),
    call("POST /api/storages/{type}/files", "The first objects of a storage").body(STORAGE).gives("Any").status(200),
    call("GET /api/storages/{type}/{id}", "An import storage").gives("Storage"),
    call("PATCH /api/storages/{type}/{id}", "Change an import storage").body(STORAGE).gives("Storage"),
    call("PUT /api/storages/{type}/{id}", "Change an import storage").body(STORAGE).gives("Storage"),
    call("DELETE /api/storages/{type}/{id}", "Remove an import storage; its tasks stay"),
    call("POST /api/storages/{type}/{id}/sync", "Bring new objects in as tasks").gives("Storage").status(200),
    call("GET /api/storages/{type}/{id}/diagnose", "Why a storage does not work").gives("Any"),
    call("GET /api/storages/export/{type}", "Export storages of a kind").query("project:int").gives("[Storage]"),
    call("POST /api/storages/export/{type}", "Add an export storage").body(STORAGE).gives("Storage"),
    call("POST /api/storages/export/{type}/validate", "Try an export storage's settings").body(STORAGE).status(200),
    call("POST /api/storages/export/{type}/diagnose", "Why an export storage's settings do not work").body(STORAGE).gives("Any"),
    call("GET /api/storages/export/{type}/form", "Fields of an export storage").gives("[Any]"),
    call("GET /api/storages/export/{type}/{id}", "An export storage").gives("Storage"),
    call("PATCH /api/storages/export/{type}/{id}", "Change an export storage").body(STORAGE).gives("Storage"),
    call("PUT /api/storages/export/{type}/{id}", "Change an export storage").body(STORAGE).gives("Storage"),
    call("DELETE /api/storages/export/{type}/{id}", "Remove an export storage"),
    call("POST /api/storages/export/{type}/{id}/sync", "Write all annotations out").gives("Storage").status(200),
    call("GET /api/storages/export/{type}/{id}/diagnose", "Why a storage does not work").gives("Any"),
    // Webhooks and labels
    call("GET /api/webhooks", "Webhooks").query("project:int").gives("[Webhook]"),
    call("POST /api/webhooks", "Add a webhook").query("project:int").body(WEBHOOK).gives("Webhook"),
    call("GET /api/webhooks/info", "Events that there are").query("organization-only:bool").gives("Any"),
    call("GET /api/webhooks/{}", "A webhook").gives("Webhook"),
    call("PATCH /api/webhooks/{}", "Change a webhook").body(WEBHOOK).gives("Webhook"),
    call("PUT /api/webhooks/{}", "Change a webhook").body(WEBHOOK).gives("Webhook"),
    call("DELETE /api/webhooks/{}", "Remove a webhook"),
    call("GET /api/webhooks/{}/deliveries", "What a webhook has been sent last").query(PAGES).gives("[Any]"),
    call("GET /api/labels", "Labels that users have added").query("page:int page_size:int").gives("Page:Any"),
    call("POST /api/labels", "Add labels").gives("[Any]"),
    call("POST /api/labels/bulk", "Change a label everywhere").body("project:int from_name old_label:list new_label:list").gives("Any").status(200),
    call("GET /api/labels/{}", "A label").gives("Any"),
    call("PATCH /api/labels/{}", "Change a label").body("title value:list").gives("Any"),
    call("PUT /api/labels/{}", "Change a label").body("title value:list").gives("Any"),
    call("DELETE /api/labels/{}", "Remove a label"),
    call("GET /api/label_links", "Labels of projects").query("project:int expand page:int page_size:int").gives("Page:Any"),
    call("POST /api/label_links", "Give a project a label").body("project:int label:int from_name").gives("Any"),
    call("GET /api/label_links/{}", "A label of a project").gives("Any"),
    call("PATCH /api/label_links/{}", "Change a label of a project").body("from_name").gives("Any"),
    call("PUT /api/label_links/{}", "Change a label of a project").body("from_name").gives("Any"),
    call("DELETE /api/label_links/{}", "Take a label from a project"),
    // Jobs
    call("GET /api/jobs", "Long work, newest first").query("project:int page:int page_size:int").gives("[Job]"),
    call("GET /api/jobs/{}", "A job").gives("Job"),
    call("GET /api/jobs/{}/errors", "What went wrong with single objects").query(PAGES).gives("Any"),
    call("GET /api/jobs/{}/events", "Progress as it happens").gives("text/event-stream"),
    call("POST /api/jobs/{}/cancel", "Cancel a job").gives("Job").status(200),
    call("POST /api/jobs/{}/resume", "Go on with a job").gives("Job").status(200),
];

/// The words of a call; parameters of the path count by their place, not by their name.
pub fn find(method: &str, path: &str) -> Option<&'static Words> {
    let wanted = shape(path);
    WORDS
        .iter()
        .find(|words| words.call.split_once(' ').is_some_and(|(m, p)| m == method && shape(p) == wanted))
}

/// `/api/tasks/{id}` as `/api/tasks/{}`.
fn shape(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "{}".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}
