#!/bin/sh
# Licensed under the Apache License, Version 2.0; see LICENSE.
#
# install.sh MODULE: the module, the policy that comes with it, and the catalogue,
# to where this httpd looks for them, below DESTDIR if that is set. A file that is
# there already and says something else is kept, and ours put beside it as .dist.
set -eu

cd "$(dirname "$0")/.."
module=$1
apxs=${APXS:-$(command -v apxs || command -v apxs2)}
modules=$("$apxs" -q LIBEXECDIR)
httpd=$("$apxs" -q SBINDIR)/$("$apxs" -q PROGNAME)
root=$("$httpd" -V 2>/dev/null | sed -n 's/.*HTTPD_ROOT="\(.*\)".*/\1/p')
dest=${DESTDIR:-}

put()
{
    mkdir -p "$dest$(dirname "$2")"
    if [ -e "$dest$2" ] && ! cmp -s "$1" "$dest$2"; then
        install -m 644 "$1" "$dest$2.dist"
        echo "kept $2; the new one is $2.dist"
    else
        install -m 644 "$1" "$dest$2"
    fi
}

mkdir -p "$dest$modules"
install -m 644 "$module" "$dest$modules/mod_privacy.so"
for file in conf/catalogue/*; do
    put "$file" "$root/privacy/catalogue/${file##*/}"
done

# Debian's way: a2enmod knows a module by its .load and .conf.
available=$("$apxs" -q SYSCONFDIR)/mods-available
if [ -d "$available" ]; then
    load=$(mktemp)
    sed "s|/[^ ]*/mod_privacy.so|$modules/mod_privacy.so|" conf/privacy.load >"$load"
    put "$load" "$available/privacy.load"
    rm -f "$load"
    put conf/privacy.conf "$available/privacy.conf"
    echo "mod_privacy is installed. Change $available/privacy.conf into your policy, then: a2enmod privacy"
else
    put conf/privacy.conf "$root/privacy/privacy.conf"
    cat <<TEXT
mod_privacy is installed. Change $root/privacy/privacy.conf into your policy, then add to httpd.conf:
    LoadModule privacy_module $modules/mod_privacy.so
    Include privacy/privacy.conf
TEXT
fi
