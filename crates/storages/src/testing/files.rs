//! The store behind the S3 server of the tests: `s3s-fs`, but for listings, which it makes with a task for every file
//! of the bucket and every page. Here a page is one walk on one thread; a bucket of 10,000 objects is listed in a second
//! or two instead of a minute.

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Files {
    pub store: FileSystem,
    pub root: PathBuf,
}

/// What stands in a page: an object, or a folder that has some.
enum Entry {
    Object(Metadata),
    Folder,
}

/// All entries of a bucket whose names begin with the prefix, in the order of S3: by their bytes.
fn entries(bucket: &Path, prefix: &str, delimiter: Option<&str>) -> std::io::Result<BTreeMap<String, Entry>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![bucket.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            let Some(key) = path.strip_prefix(bucket).ok().and_then(Path::to_str) else { continue };
            if entry.file_type()?.is_dir() {
                folders.push(path);
                continue;
            }
            let Some(below) = key.strip_prefix(prefix) else { continue };
            match delimiter.and_then(|delimiter| Some(below.find(delimiter)? + delimiter.len())) {
                Some(end) => found.insert(key[..prefix.len() + end].to_owned(), Entry::Folder),
                None => found.insert(key.to_owned(), Entry::Object(entry.metadata()?)),
            };
        }
    }
    Ok(found)
}

fn page(bucket: &Path, input: &ListObjectsV2Input) -> std::io::Result<ListObjectsV2Output> {
    let after = input.continuation_token.as_ref().or(input.start_after.as_ref()).map_or("", String::as_str);
    let most = usize::try_from(input.max_keys.unwrap_or(1000)).unwrap_or(0).min(1000);
    let (mut contents, mut common_prefixes, mut next, mut last) =
        (Vec::new(), Vec::new(), None, String::new());
    for (name, entry) in
        entries(bucket, input.prefix.as_deref().unwrap_or_default(), input.delimiter.as_deref())?
    {
        if name.as_str() <= after {
            continue;
        }
        if contents.len() + common_prefixes.len() == most {
            next = Some(std::mem::take(&mut last));
            break;
        }
        last.clone_from(&name);
        match entry {
            Entry::Folder => common_prefixes.push(CommonPrefix { prefix: Some(name) }),
            Entry::Object(metadata) => contents.push(Object {
                key: Some(name),
                size: i64::try_from(metadata.len()).ok(),
                last_modified: metadata.modified().ok().map(Timestamp::from),
                ..Object::default()
            }),
        }
    }
    Ok(ListObjectsV2Output {
        key_count: i32::try_from(contents.len() + common_prefixes.len()).ok(),
        max_keys: input.max_keys,
        is_truncated: Some(next.is_some()),
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        continuation_token: input.continuation_token.clone(),
        next_continuation_token: next,
        delimiter: input.delimiter.clone(),
        name: Some(input.bucket.clone()),
        prefix: input.prefix.clone(),
        start_after: input.start_after.clone(),
        ..ListObjectsV2Output::default()
    })
}

/// Listings are ours; the named calls are the store's.
macro_rules! store_does {
    ($($call:ident: $input:ident -> $output:ident),* $(,)?) => {
        #[async_trait::async_trait]
        impl S3 for Files {
            async fn list_objects_v2(
                &self,
                request: S3Request<ListObjectsV2Input>,
            ) -> S3Result<S3Response<ListObjectsV2Output>> {
                // The server has checked that this is the name of a bucket and nothing else.
                let bucket = self.root.join(&request.input.bucket);
                if !bucket.is_dir() {
                    return Err(s3_error!(NoSuchBucket));
                }
                match tokio::task::spawn_blocking(move || page(&bucket, &request.input)).await {
                    Ok(Ok(page)) => Ok(S3Response::new(page)),
                    // It went away in between.
                    Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Err(s3_error!(NoSuchBucket)),
                    _ => Err(s3_error!(InternalError)),
                }
            }

            $(async fn $call(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                self.store.$call(request).await
            })*
        }
    };
}

store_does! {
    get_object: GetObjectInput -> GetObjectOutput,
    head_object: HeadObjectInput -> HeadObjectOutput,
    put_object: PutObjectInput -> PutObjectOutput,
    copy_object: CopyObjectInput -> CopyObjectOutput,
    delete_object: DeleteObjectInput -> DeleteObjectOutput,
    delete_objects: DeleteObjectsInput -> DeleteObjectsOutput,
    list_buckets: ListBucketsInput -> ListBucketsOutput,
    head_bucket: HeadBucketInput -> HeadBucketOutput,
    create_bucket: CreateBucketInput -> CreateBucketOutput,
    delete_bucket: DeleteBucketInput -> DeleteBucketOutput,
    get_bucket_location: GetBucketLocationInput -> GetBucketLocationOutput,
    create_multipart_upload: CreateMultipartUploadInput -> CreateMultipartUploadOutput,
    upload_part: UploadPartInput -> UploadPartOutput,
    list_parts: ListPartsInput -> ListPartsOutput,
    complete_multipart_upload: CompleteMultipartUploadInput -> CompleteMultipartUploadOutput,
    abort_multipart_upload: AbortMultipartUploadInput -> AbortMultipartUploadOutput,
}
