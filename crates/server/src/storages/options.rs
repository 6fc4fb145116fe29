//! What the operator decides about storages (spec/server.md 1.3).

use crate::settings;
use tagloom_storages::Env;

#[derive(Clone, Debug)]
pub struct Options {
    /// `ENABLE_LOCAL_FILES_STORAGE`: local files are among the types.
    pub local_files: bool,
    /// `SYNC_ON_TARGET_STORAGE_CREATION`
    pub sync_new_export: bool,
    /// `FUTURE_SAVE_TASK_TO_STORAGE`: an object for each task, with its annotations, instead of one for each annotation.
    pub save_tasks: bool,
    /// `FUTURE_SAVE_TASK_TO_STORAGE_JSON_EXT`
    pub json_extension: bool,
    /// `DEFAULT_STORAGE_LIST_LIMIT`
    pub list_limit: u64,
    /// Bytes of a task file that are read.
    pub task_file_limit: u64,
    /// `RESOLVER_PROXY_MAX_RANGE_SIZE`
    pub proxy_range: u64,
    /// `RESOLVER_PROXY_CACHE_TIMEOUT`, seconds.
    pub proxy_cache: u64,
    /// `RESOLVER_PROXY_TIMEOUT`, seconds in which a piece must come.
    pub proxy_timeout: u64,
    /// The operator's credentials and endpoints, for storages that have none of their own.
    pub env: Env,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            local_files: true,
            sync_new_export: true,
            save_tasks: false,
            json_extension: true,
            list_limit: 100,
            task_file_limit: 262_144_000,
            proxy_range: 8_388_608,
            proxy_cache: 3600,
            proxy_timeout: 20,
            env: Env::none(),
        }
    }
}

impl Options {
    pub fn from_env() -> anyhow::Result<Self> {
        let default = Self::default();
        let number = |name: &str, default: u64| match settings::env(name) {
            None => Ok(default),
            Some(text) => text.trim().parse().map_err(|_| {
                anyhow::anyhow!("the environment variable {name} must be a whole number, it is {text:?}")
            }),
        };
        let flag = settings::env_bool;
        Ok(Self {
            local_files: flag("ENABLE_LOCAL_FILES_STORAGE", default.local_files)?,
            sync_new_export: flag("SYNC_ON_TARGET_STORAGE_CREATION", default.sync_new_export)?,
            save_tasks: flag("FUTURE_SAVE_TASK_TO_STORAGE", default.save_tasks)?,
            json_extension: flag("FUTURE_SAVE_TASK_TO_STORAGE_JSON_EXT", default.json_extension)?,
            list_limit: number("DEFAULT_STORAGE_LIST_LIMIT", default.list_limit)?.max(1),
            task_file_limit: number("DATA_UPLOAD_MAX_MEMORY_SIZE", default.task_file_limit)?,
            proxy_range: number("RESOLVER_PROXY_MAX_RANGE_SIZE", default.proxy_range)?.max(1),
            proxy_cache: number("RESOLVER_PROXY_CACHE_TIMEOUT", default.proxy_cache)?,
            proxy_timeout: number("RESOLVER_PROXY_TIMEOUT", default.proxy_timeout)?.max(1),
            env: Env::new(settings::env),
        })
    }
}
