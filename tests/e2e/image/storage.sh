# shellcheck shell=bash
# To be sourced: buildah, with a storage of its own in the cache's folder, which is this shell's until it ends.
folder=${XDG_CACHE_HOME:-$HOME/.cache}/cognito-mfa-operator/image
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9 # Two test runs at once build one after the other.
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
buildah() { command buildah --root "$folder/storage" --runroot "$folder/run" "$@"; }
