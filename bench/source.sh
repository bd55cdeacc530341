#!/bin/sh
# Licensed under the Apache License, Version 2.0; see LICENSE.

# Instructions that a request pays for consent sources, as callgrind counts them:
# the difference of 200 and 1,200 calls, so that what is done once drops out.
#
#   tcf     pv_tcf_read() of a string of 1,060 vendors, disclosed ones included
#   source  the same as a source, among 20 other cookies
#   none    all sources configured, 20 cookies, none of them theirs

set -e
cd "$(dirname "$0")/.."
build=${BUILD:-build}
${CC:-cc} -std=gnu99 -O2 -g -Isrc $(apr-1-config --includes --cppflags) -o "$build/bench-source" \
    bench/source.c "$build/libprivacy.a" $(apr-1-config --link-ld --libs)

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/bench-source" "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : //p'
}

for case in tcf source none; do
    few=$(count $case 200)
    many=$(count $case 1200)
    echo "$case $(((many - few) / 1000))"
done
