#!/bin/sh
# Licensed under the Apache License, Version 2.0; see LICENSE.
#
# install.sh install|uninstall
#
# Puts the module, its configuration and the catalogue where httpd looks for them, and takes them away again.
# `make install` calls it. The environment says how:
#
#   APXS         which apxs to ask (default: the first of apxs and apxs2 in PATH)
#   DESTDIR      a root to install into in place of /
#   MODULE       the module (default: build/mod_privacy.so)
#   LIBEXECDIR   where modules are, SYSCONFDIR where configuration is (default: what apxs says)
#
# On Debian and its kin the files stand where a2enmod finds them:
#
#   /usr/lib/apache2/modules/mod_privacy.so
#   /etc/apache2/mods-available/privacy.load, privacy.conf
#   /etc/apache2/privacy/catalogue/, templates/
#
# Elsewhere all configuration stands in SYSCONFDIR/privacy, and httpd.conf includes it.
#
# Configuration that is there is never overwritten: where it differs, the new version is put beside it as
# FILE.dist. SYSCONFDIR/privacy/.installed keeps the checksum of each file as it was installed, so that
# `uninstall` removes those that nobody has changed, and leaves the others.

set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
destdir=${DESTDIR:-}
module=${MODULE:-$top/build/mod_privacy.so}
apxs=${APXS:-$(command -v apxs || command -v apxs2 || true)}

die() {
    echo "install.sh: $*" >&2
    exit 1
}

ask() {
    [ -n "$apxs" ] || die "no apxs in PATH: run \`make deps\`, or say APXS=/path/to/apxs"
    "$apxs" -q "$1" || die "$apxs does not say what $1 is"
}

libexecdir=${LIBEXECDIR:-$(ask LIBEXECDIR)}
sysconfdir=${SYSCONFDIR:-$(ask SYSCONFDIR)}
privacydir=$sysconfdir/privacy
manifest=$destdir$privacydir/.installed

# A build root may lack the server itself: Debian's place for modules tells as well.
if [ -d "$sysconfdir/mods-available" ] || [ "$libexecdir" = /usr/lib/apache2/modules ]; then
    debian=yes
    modsdir=$sysconfdir/mods-available
else
    debian=
    modsdir=$privacydir
fi

# Every file of configuration: where it is in the source, and where it goes.
each_file() {
    echo "privacy.load $modsdir/privacy.load"
    echo "privacy.conf $modsdir/privacy.conf"
    (cd "$top/conf" && find catalogue templates -type f 2>/dev/null | LC_ALL=C sort) |
        while read -r file; do
            echo "$file $privacydir/$file"
        done
}

# A file as it will be installed: paths that differ from Debian's are written into it.
as_installed() {
    case $1 in
    privacy.load)
        if [ "$libexecdir" = /usr/lib/apache2/modules ]; then
            cat "$top/conf/$1"
        else
            sed "s|/usr/lib/apache2/modules/\(.*\)|\"$libexecdir/\1\"|" "$top/conf/$1"
        fi
        ;;
    privacy.conf)
        if [ -n "$debian" ]; then
            cat "$top/conf/$1"
        else
            sed "s|^\( *Define PRIVACY_DIR\) .*|\1 \"$privacydir\"|" "$top/conf/$1"
        fi
        ;;
    *)
        cat "$top/conf/$1"
        ;;
    esac
}

sum() {
    cksum <"$1"
}

# Write standard input to a file under a temporary name first: a server that has the old one open keeps it.
put() {
    mkdir -p "$(dirname "$1")"
    cat >"$1.new"
    chmod 0644 "$1.new"
    mv -f "$1.new" "$1"
}

# The manifest's line for a file is what was last installed as the file itself, not beside it.
record() {
    {
        [ ! -f "$manifest" ] ||
            awk -v file="$1" '{ name = $0; sub(/^[0-9]+ [0-9]+ /, "", name) } name != file' "$manifest"
        echo "$(sum "$destdir$1") $1"
    } | put "$manifest"
}

install_file() {
    target=$destdir$2
    as_installed "$1" | put "$target.dist"
    if [ ! -e "$target" ]; then
        mv "$target.dist" "$target"
        record "$2"
        echo "installed $target"
    elif cmp -s "$target" "$target.dist"; then
        rm -f "$target.dist"
        record "$2"
    else
        echo "kept      $target: the new version is beside it as $(basename "$target").dist"
    fi
}

install_all() {
    [ -f "$module" ] || die "$module is not there: run \`make\` first"
    put "$destdir$libexecdir/mod_privacy.so" <"$module"
    echo "installed $destdir$libexecdir/mod_privacy.so"
    each_file | while read -r file target; do
        install_file "$file" "$target"
    done
    echo
    if [ -n "$debian" ]; then
        echo "To switch it on: a2enmod privacy, apachectl configtest, apachectl graceful."
    else
        echo "To switch it on, add these lines to httpd.conf; then apachectl configtest, apachectl graceful:"
        echo "    Include \"$privacydir/privacy.load\""
        echo "    Include \"$privacydir/privacy.conf\""
    fi
    echo "The policy is in $modsdir/privacy.conf: it is a careers site's, to be changed into yours."
}

uninstall_all() {
    for link in "$destdir$sysconfdir/mods-enabled/privacy.load" "$destdir$sysconfdir/mods-enabled/privacy.conf"; do
        [ ! -L "$link" ] || die "the module is in use: run \`a2dismod privacy\` first"
    done
    rm -f "$destdir$libexecdir/mod_privacy.so"
    [ -f "$manifest" ] || die "no $manifest: nothing is known of what was installed"
    while read -r crc size file; do
        target=$destdir$file
        rm -f "$target.dist"
        [ -e "$target" ] || continue
        if [ "$(sum "$target")" = "$crc $size" ]; then
            rm -f "$target"
        else
            echo "left      $target: it has been changed"
        fi
    done <"$manifest"
    rm -f "$manifest"
    # What is empty now; what an administrator has added stays, with its directory.
    find "$destdir$privacydir" -depth -type d -exec rmdir {} \; 2>/dev/null || true
}

case ${1:-} in
install) install_all ;;
uninstall) uninstall_all ;;
*) die "usage: install.sh install|uninstall" ;;
esac
