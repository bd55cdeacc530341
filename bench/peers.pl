#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# The same work by others: nginx's sub_filter and lua, Varnish's vmod_cookie. Each is
# compared with its own server without it, in CPU time, as servers differ in more than
# this. What is not on this machine is skipped by name.
#
#   bench/peers.pl [-o FILE] [--rounds N]
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use File::Temp qw(tempdir);
use Privacy::Bench;
use Privacy::Bench::Cpu;
use Privacy::Bench::Page;
use Privacy::Bench::Table;
use Privacy::Bench::Workload;
use Privacy::Connection;
use Privacy::Front;

my $rounds = 5;
options('rounds=i' => \$rounds);

my $site = tempdir(CLEANUP => 1);
chmod 0755, $site;
write_page("$site/page.html", 1e6);
write_file("$site/f.bin", 'x' x 1024);

my @LUA = grep { -e } map { "/usr/lib/nginx/modules/$_.so" } qw(ndk_http_module ngx_http_lua_module);

# Only the name is looked at: what a script of a dozen lines does.
my $LUA_COOKIES = <<'LUA';
access_by_lua_block {
    local header = ngx.var.http_cookie
    if header and not header:find("consent=yes", 1, true) then
        local kept = {}
        for name, value in header:gmatch("%s*([^=;]+)=([^;]*)") do
            if not denied(name) then kept[#kept + 1] = name .. "=" .. value end
        end
        ngx.req.set_header("Cookie", table.concat(kept, "; "))
    end
}
header_filter_by_lua_block {
    local set, kept = ngx.header["Set-Cookie"], {}
    if type(set) == "string" then set = { set } end
    for _, cookie in ipairs(set or {}) do
        if not denied(cookie:match("^[^=]*")) then kept[#kept + 1] = cookie end
    end
    ngx.header["Set-Cookie"] = kept
}
LUA
my $LUA_DENIED = <<'LUA';
init_by_lua_block {
    local names = { _ga = 1, _gid = 1, _gat = 1, _fbp = 1, _fbc = 1, IDE = 1, __utma = 1, __utmb = 1, __utmc = 1, __utmz = 1 }
    function denied(name) return names[name] or name:sub(1, 4) == "_ga_" end
}
LUA
my $LUA_PAGE = <<'LUA';
header_filter_by_lua_block { ngx.header["Content-Length"] = nil }
body_filter_by_lua_block {
    if ngx.arg[1] ~= "" then
        local part = ngx.arg[1]
        part = part:gsub("https://www%.googletagmanager%.com/gtag/js", "/held.js")
        part = part:gsub('gtag%("config"', 'void("config"')
        part = part:gsub("https://connect%.facebook%.net/en_US/fbevents%.js", "/held.js")
        ngx.arg[1] = part
    end
}
LUA
my $SUB_FILTER = <<'CONF';
sub_filter_once off;
sub_filter "https://www.googletagmanager.com/gtag/js" "/held.js";
sub_filter 'gtag("config"' 'void("config"';
sub_filter "https://connect.facebook.net/en_US/fbevents.js" "/held.js";
CONF
sub httpd_of {
    my (%option) = @_;
    my $conf = qq{DocumentRoot "$site"\n<Directory "$site">\n    Require all granted\n</Directory>\n} . ($option{conf} // '');
    return measured_httpd(modules => [qw(headers setenvif substitute)], %option, conf => $conf);
}

sub nginx_of {
    my ($conf, %option) = @_;
    return Privacy::Front->nginx("root $site;\ntypes { text/html html; }\nkeepalive_requests 1000000;\n$conf", %option);
}

sub lua_of { return @LUA == 2 ? nginx_of($_[0], load => \@LUA, http => $LUA_DENIED) : undef }

# What others stand in front of; it sets three cookies.
my $origin;
sub origin {
    $origin ||= httpd_of(privacy => 0, conf => set_cookies() . "Header set Cache-Control max-age=3600\n");
    return $origin->port;
}

sub proxy { return 'location / { proxy_pass http://127.0.0.1:' . origin() . "; proxy_http_version 1.1; proxy_set_header Connection '';\n$_[0] }" }

# From the cache, so that the backend has no part in it; what is left of the Cookie
# header is told.
sub varnish_of {
    my ($recv) = @_;
    return Privacy::Front->varnish(origin(), <<"VCL");
import cookie;
sub vcl_recv {
    $recv
    return (hash);
}
sub vcl_backend_response { unset beresp.http.Set-Cookie; }
sub vcl_deliver { set resp.http.X-Cookie = req.http.Cookie; }
VCL
}
my $VMOD = <<'VCL';
    cookie.parse(req.http.Cookie);
    cookie.filter_re("^(_ga|_gid|_gat|_ga_.*|__utm.|_fbp|_fbc|IDE)$");
    set req.http.Cookie = cookie.get_string();
VCL

my @COOKIES  = ('Cookie: ' . cookies());
my @DOCUMENT = ('Sec-Fetch-Dest: document', 'Accept: text/html');
my $SET      = set_cookies();
my $one      = sub { 1 == grep { length } $_[0]->set_cookies };
my $twelve   = sub { 12 == split /; /, $_[0]->header('X-Cookie') };
my $held     = sub { $_[0]->body =~ m{(?:src="/held\.js|data-privacy-src=).*(?:src="/held\.js|data-privacy-src=)}s };

# Each: what is asked for, and pairs of servers, without and with: what they are called,
# the program they need, how one is made, and how its answer is known.
my @cases = (
    [ '20 cookies, 3 Set-Cookie' => 5000, '/f.bin', \@COOKIES,
        [ 'httpd', undef, sub { httpd_of(privacy => 0, conf => $SET) },
            [ 'mod_privacy, 10 declared', $one, sub { httpd_of(conf => $SET . policy(10, 'on')) } ],
            [ 'the mod_headers recipe', $one, sub { httpd_of(privacy => 0, conf => $SET . recipe()) } ] ],
        [ 'nginx, proxying', 'nginx', sub { nginx_of(proxy('')) },
            [ 'nginx with lua', $one, sub { lua_of(proxy($LUA_COOKIES)) } ] ],
        [ 'Varnish, a hit', 'varnishd', sub { varnish_of('') },
            [ 'Varnish with vmod_cookie, Cookie alone', $twelve, sub { varnish_of($VMOD) } ] ] ],
    [ 'a page of 1.0 MB' => 30, '/page.html', \@DOCUMENT,
        [ 'httpd', undef, sub { httpd_of(privacy => 0) },
            [ 'mod_privacy, 10 trackers', $held, sub { httpd_of(conf => trackers(10)) } ],
            [ 'mod_substitute, 3 literals', $held, sub { httpd_of(privacy => 0, conf => substitute()) } ] ],
        [ 'nginx', 'nginx', sub { nginx_of('') },
            [ 'nginx with sub_filter, 3 literals', $held, sub { nginx_of($SUB_FILTER) } ],
            [ 'nginx with lua, 3 literals', $held, sub { lua_of("location / {\n$LUA_PAGE}") } ] ] ],
);

sub pids_of {
    my ($server) = @_;
    return sub { $server->can('pids') ? $server->pids : $server->children };
}

# One family: the server by itself, then each of those that do the work.
sub family {
    my ($count, $path, $lines, $name, $program, $make, @others) = @_;
    return row($name, skipped => "$program is not on this machine") if $program && !Privacy::Front::has($program);
    my @servers = ([ $name, undef, $make->() ], map { [ @$_[ 0, 1 ], $_->[2]->() ] } @others);
    for (@servers) {
        my ($label, $check, $server) = @$_;
        next if !$server || !$check;
        my $answer = Privacy::Connection->new($server->port)
            ->send(Privacy::Client::request_bytes('localhost', GET => $path, undef, @$lines))->response;
        $check->($answer) or die "$label: not what is meant to be measured:\n", $answer->head;
    }
    my $took = compare($rounds, map {
        my ($label, undef, $server) = @$_;
        [ $label => pids_of($server), sub { load('-n', $count, $server->port, $path, @$lines) } ];
    } grep { $_->[2] } @servers);
    my $bare = median(@{ $took->{$name} });
    for (map { $_->[0] } @servers) {
        my $ms = $took->{$_} or row($_, skipped => "it cannot be had here"), next;
        row($_, value => median(@$ms) / $count, unit => 'ms', spread => spread(@$ms), ratio => median(@$ms) / $bare);
    }
    $_->stop for map { $_->[2] || () } @servers;
}

for (@cases) {
    my ($what, $count, $path, $lines, @families) = @$_;
    section("peers: $what, CPU time", 'of its bare');
    family($count, $path, $lines, @$_) for @families;
}
finish();
