//! Files that are replaced as kubelet replaces those of a mounted Secret.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of files that are links into a folder that is a link itself, which is exchanged.
/// Gone when it is dropped.
pub(crate) struct Volume {
    folder: PathBuf,
    generation: AtomicUsize,
}

impl Volume {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("volume-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let volume = Self {
            folder,
            generation: AtomicUsize::new(0),
        };
        volume.replace(files);
        for (name, _) in files {
            symlink(Path::new("..data").join(name), volume.path(name)).unwrap();
        }
        volume
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Exchanges all files at once.
    pub(crate) fn replace(&self, files: &[(&str, &str)]) {
        let generation = self.generation.fetch_add(1, Ordering::Relaxed);
        let data = format!("..{generation}");
        fs::create_dir(self.folder.join(&data)).unwrap();
        for (name, content) in files {
            fs::write(self.folder.join(&data).join(name), content).unwrap();
        }
        let next = self.folder.join("..data_tmp");
        symlink(&data, &next).unwrap();
        fs::rename(next, self.folder.join("..data")).unwrap();
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
