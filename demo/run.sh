#!/bin/sh
# Licensed under the Apache License, Version 2.0; see LICENSE.
#
# run.sh start [PORT]   start the demonstration, or start it again
# run.sh stop           end it
#
# It runs from a directory of its own in /tmp, since the children of root's httpd
# may not look into the source tree; build/demo says where.
set -eu

cd "$(dirname "$0")/.."
state=${DEMO_STATE:-build/demo}
apxs=${APXS:-$(command -v apxs || command -v apxs2)}

say() { echo "mod_privacy: $*"; }
fail() { say "$@" >&2; exit 1; }

# The pid of our httpd, if it runs: not of another that has got its number since.
running()
{
    pid=$(cat "$dir/httpd.pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null || return 1
    [ ! -r "/proc/$pid/cmdline" ] || tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF "$dir/httpd.conf"
}

stop()
{
    dir=$(cat "$state" 2>/dev/null) || return 1
    was_running=
    if running; then
        was_running=yes
        kill "$pid" 2>/dev/null || fail "httpd (pid $pid) is another user's: it cannot be stopped"
        for _ in $(seq 100); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        ! kill -0 "$pid" 2>/dev/null || fail "httpd (pid $pid) does not end"
    fi
    case $dir in */mod_privacy-demo.*) rm -rf "$dir" ;; esac
    rm -f "$state"
    [ -n "$was_running" ]
}

# Fails where nobody can listen there, and says who does.
port_is_free()
{
    perl - "$1" <<'PERL' || exit 1
use strict;
use warnings;
use IO::Socket::INET;
my ($port) = @ARGV;
exit 0 if IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1, ReuseAddr => 1);
my $why = "$!";
my ($inode, $who);
for my $table ('/proc/net/tcp', '/proc/net/tcp6') {
    open my $fh, '<', $table or next;
    while (<$fh>) {
        my @field = split;
        $inode = $field[9] if $field[3] eq '0A' && hex((split /:/, $field[1])[1]) == $port;
    }
}
for my $fd (defined $inode ? glob('/proc/[0-9]*/fd/*') : ()) {
    (readlink($fd) || '') eq "socket:[$inode]" or next;
    my ($pid) = $fd =~ m{^/proc/(\d+)};
    open my $fh, '<', "/proc/$pid/comm" or next;
    chomp(my $name = <$fh>);
    $who = "$name, pid $pid";
    last;
}
die "mod_privacy: port $port of 127.0.0.1 is not free: $why", defined $who ? " ($who)" : '',
    ".\nTake another: make run PORT=", $port < 65000 ? $port + 10 : 8080, "\n";
PERL
}

# LoadModule for each of these that httpd has not built in.
modules()
{
    for name in "$@"; do
        file=$("$apxs" -q LIBEXECDIR)/mod_$name.so
        [ ! -e "$file" ] || echo "LoadModule ${name}_module \"$file\""
    done
}

user()
{
    [ "$(id -u)" = 0 ] || return 0
    for name in www-data apache daemon nobody; do
        if id "$name" >/dev/null 2>&1; then
            printf 'User %s\nGroup %s\n' "$name" "$(id -gn "$name")"
            return
        fi
    done
}

did_not_start()
{
    said=$(cat "$dir/error_log" 2>/dev/null || true)
    stop || true
    fail "httpd did not start: $said"
}

start()
{
    port=$1
    case $port in '' | *[!0-9]* | ??????*) port=0 ;; esac
    [ "$port" -ge 1 ] && [ "$port" -le 65534 ] || fail "'$1' is no port; take another: make run PORT=8080"
    origin=$((port + 1))
    again=
    ! stop || again=' again'
    port_is_free "$port"
    port_is_free "$origin"

    dir=$(mktemp -d "${TMPDIR:-/tmp}/mod_privacy-demo.XXXXXX")
    echo "$dir" >"$state"
    chmod 755 "$dir"
    cp -R demo/htdocs demo/lib conf build/mod_privacy.so "$dir"
    chmod -R a+rX "$dir"
    mkdir -m 1777 "$dir/sessions"
    modules mpm_event unixd log_config authz_core mime dir alias cgid proxy proxy_http >"$dir/modules"
    user >"$dir/user"
    sed -e "/^@MODULES@$/{r $dir/modules
d;}" -e "/^@USER@$/{r $dir/user
d;}" -e "s|@DIR@|$dir|; s|@PORT@|$port|; s|@ORIGIN@|$origin|" demo/httpd.conf.in >"$dir/httpd.conf"

    httpd=$("$apxs" -q SBINDIR)/$("$apxs" -q PROGNAME)
    "$httpd" -f "$dir/httpd.conf" || did_not_start
    for _ in $(seq 100); do
        ! running || break
        sleep 0.1
    done
    running || did_not_start
    say "the demonstration runs$again at http://127.0.0.1:$port/ (pid $pid; \`make stop\` ends it)"
    sed -e "s|@PORT@|$port|; s|@ORIGIN@|$origin|; s|@NOW@|$(date +%s)|; s|@DIR@|$dir|g" demo/try.txt
}

case ${1-} in
start) start "${2:-8080}" ;;
stop)
    if stop; then say "the demonstration has ended"; else say "no demonstration is running"; fi
    ;;
*) fail "usage: demo/run.sh start [PORT] | stop" ;;
esac
