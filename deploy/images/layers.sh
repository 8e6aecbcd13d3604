# Layers and image archives from this Debian's own packages: no Docker, nothing pulled.
# shellcheck shell=bash
#
# Whoever sources this sets $layers, the folder of the layers that are kept, and calls begin_work first. A function
# that fills a layer is given the layer's folder as its first argument.

set -euo pipefail
shopt -s inherit_errexit
umask 022
export LC_ALL=C

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# begin_work FOLDER: a folder for what is being made, gone when the script ends.
begin_work() {
  local command
  for command in apt-get dpkg-deb tar sha256sum; do
    type -P "$command" >/dev/null || die "$command is missing: images are put together from the packages of a Debian or Ubuntu"
  done
  mkdir -p "$layers"
  rm -rf "$1"/.work-* # of a run that was killed
  find "$layers" -name '*.tar' -mtime +30 -delete # not used since
  work=$(mktemp -d "$1/.work-XXXXXX")
  chmod 755 "$work"
  trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
}

# --- the base

user=10001 # not root, and not a number that the machine's own users have

# A shell, the usual small commands, and the libraries that native code of Java's world asks for.
base_packages=(base-files dash coreutils grep sed hostname libc6 libc-bin libgcc-s1 libstdc++6 zlib1g)
unneeded='^(dpkg|debconf.*|cdebconf|perl.*|gawk|mawk|original-awk|install-info|libmpfr.*|libreadline.*|readline-common|libsigsegv2|libtinfo6|debianutils|gcc-.*-base)$'

base_layer() { kept_layer "base-$(newest "${base_packages[@]}" | sha256sum | cut -c1-12)" base_files; }

base_files() {
  file_system "$1"
  # shellcheck disable=SC2046  # names of packages
  unpack_packages "$1" $(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances "${base_packages[@]}" | grep '^[a-z]' | sort -u | grep -Ev "$unneeded")
  rm -rf "$1"/usr/share/{doc,man,info,locale,lintian,bug} "$1/usr/lib/$(uname -m)-linux-gnu/gconv"
  ln -sfn dash "$1/usr/bin/sh"
}

# The folders of any Linux, one user, and two places to write to: a task's own folder and /tmp. Everything else may be
# mounted read-only.
file_system() {
  local folder
  mkdir -p "$1"/{etc,proc,sys,dev,run,usr/bin,usr/sbin,usr/lib,usr/lib64,var}
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$1/$folder"; done
  mkdir -m 1777 "$1/tmp" "$1/work"
  printf 'root:x:0:0:root:/:/bin/sh\nshusuan:x:%s:%s:shusuan:/work:/bin/sh\n' $user $user >"$1/etc/passwd"
  printf 'root:x:0:\nshusuan:x:%s:\n' $user >"$1/etc/group"
  printf 'hosts: files dns\npasswd: files\ngroup: files\n' >"$1/etc/nsswitch.conf"
}

# --- Debian's packages

newest() { apt-cache show --no-all-versions "$@" 2>/dev/null | sed -n 's/^Version: //p' | tr ':+~\n' '._.-' | sed 's/-$//' | grep . ||
  die "apt knows nothing of $*: run 'apt-get update' first"; }

# unpack_packages ROOT PACKAGE…: their files alone; nothing is installed and none of their scripts runs.
unpack_packages() {
  local root=$1 archives archive
  shift
  archives=$(mktemp -d "$work/packages-XXXXXX")
  chmod 755 "$work" "$archives"
  (cd "$archives" && apt-get -qq -o APT::Sandbox::User=root download "$@") >/dev/null || die "apt-get could not download $*"
  for archive in "$archives"/*.deb; do
    dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$root" --keep-directory-symlink --no-same-owner
  done
  rm -rf "$archives"
}

# --- layers and archives

# kept_layer NAME COMMAND ARGUMENT…: the layer's file, made unless it is there already.
kept_layer() {
  local file=$layers/$1.tar made
  shift
  if [[ ! -f $file ]]; then
    made=$(layer_of "$@")
    mv "$made" "$file"
  fi
  touch "$file"
  echo "$file"
}

# layer_of COMMAND ARGUMENT…: runs the command on an empty folder and writes what it put there; the same files give
# the same bytes.
layer_of() {
  local root file
  root=$(mktemp -d "$work/root-XXXXXX")
  file=$(mktemp "$work/layer-XXXXXX")
  chmod 755 "$root"
  "$1" "$root" "${@:2}"
  tar -c -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -f "$file" .
  chmod -R u+w "$root" && rm -rf "$root"
  echo "$file"
}

# pack FILE REFERENCE SETTINGS LAYER…: writes the archive of an image; SETTINGS is the JSON of its "config".
pack() {
  local file=$1 reference=$2 settings=$3 folder layer digest config digests='' files=()
  shift 3
  folder=$(mktemp -d "$work/image-XXXXXX")
  for layer in "$@"; do
    digest=$(sha256sum "$layer" | cut -d' ' -f1)
    ln "$layer" "$folder/$digest.tar"
    digests+="${digests:+, }\"sha256:$digest\""
    files+=("$digest.tar")
  done
  cat >"$folder/config" <<CONFIG
{"created": "1970-01-01T00:00:00Z", "architecture": "$(dpkg --print-architecture)", "os": "linux",
 "config": $settings,
 "rootfs": {"type": "layers", "diff_ids": [$digests]}}
CONFIG
  config=$(sha256sum "$folder/config" | cut -d' ' -f1).json
  mv "$folder/config" "$folder/$config"
  printf '[{"Config": "%s", "RepoTags": ["%s"], "Layers": [%s]}]\n' "$config" "$reference" \
    "$(printf '"%s", ' "${files[@]}" | sed 's/, $//')" >"$folder/manifest.json"
  tar -c -C "$folder" --mtime=@0 -f "$file.part" manifest.json "$config" "${files[@]}"
  if cmp -s "$file.part" "$file"; then rm "$file.part"; else mv "$file.part" "$file"; fi # an old file is not news
  rm -rf "$folder"
  say "$reference ($(du -m "$file" | cut -f1) MB)"
}
