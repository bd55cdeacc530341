#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# Instructions that a request costs, as callgrind counts them in `httpd -X`: the
# difference of 200 and 1,200 keep-alive requests, so that what is done once drops
# out. Prints each figure beside its budget (rules P1 and P2) and fails where one is
# exceeded.
#
#   bench/instructions.pl [-k DIR]
#
#   -k DIR  keep callgrind's files there, CASE.200 and CASE.1200
#
# PRIVACY_MODULE names another module than build/mod_privacy.so.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../t/lib";
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Getopt::Long;
use IO::Socket::INET;
use POSIX ();
use Privacy::Httpd;
use Time::HiRes qw(sleep time);

my ($FEW, $MANY) = (200, 1200);

GetOptions('k=s' => \my $keep) && !@ARGV or die "usage: $0 [-k DIR]\n";

my $server;
my $scratch = tempdir(CLEANUP => 1);
my $port    = Privacy::Httpd::free_port();
my @user    = ordinary_user();
prepare();
END { stop() }

# ---- the workloads ----

# 20 cookies, of which 8 are denied; three Set-Cookie, of which two are.
my $cookies = join '; ',
    qw(_ga=GA1.2.1234567890.1234567890 _gid=GA1.2.1234567890.1234567890
    _ga_ABCDEF=GS1.1.1234567890.1.1.1234567890.0.0.0 _gat=1 __utma=1.2.3.4.5.6
    _fbp=fb.1.1234567890.1234567890 _fbc=fb.1.1234.abcdef IDE=AHWqTUabcdefghijkl
    sid=abcdef0123456789),
    map { "app$_=value${_}_abcdefghij" } 0 .. 10;

my $set = <<'CONF';
Header add Set-Cookie "_ga=GA1.2.1234567890.1234567890; Max-Age=63072000; Path=/"
Header add Set-Cookie "sid=abcdef0123456789; Path=/; HttpOnly"
Header add Set-Cookie "_fbp=fb.1.1234567890.1234567890; Max-Age=7776000; Path=/"
CONF

# What is done without this module.
my $recipe = <<'CONF';
LoadModule setenvif_module "${MODULES}/mod_setenvif.so"
SetEnvIf Cookie "(^|; )consent=yes" consented
RequestHeader edit* Cookie "(^|;\s*)(_ga|_gat|_ga_[^=]*|__utm[abcz]|_fbp|IDE)=[^;]*" "" env=!consented
Header edit Set-Cookie "^(_ga|_gat|_ga_[^=]*|__utm[abcz]|_fbp|IDE)=.*" "" env=!consented
CONF

my $ten = <<'CONF';
LoadModule privacy_module "${ROOT}/mod_privacy.so"
PrivacyCategory essential necessary "Essential" "The shop needs them."
PrivacyCategory preferences opt-in "Preferences" "What you have chosen."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCategory remarketing opt-in "Remarketing" "What you may buy elsewhere."
PrivacyCookie sid essential session "Keeps you logged in"
PrivacyCookie _ga analytics 2y "Tells visitors apart"
PrivacyCookie _gid analytics 2y "Tells visitors apart"
PrivacyCookie _ga_* analytics 2y "Tells visitors apart"
PrivacyCookie _gat* analytics 2y "Slows requests down"
PrivacyCookie __utm? analytics 2y "Tells visitors apart"
PrivacyCookie _fbp remarketing 90d "Tells visitors apart"
PrivacyCookie _fbc remarketing 90d "Remembers a click"
PrivacyCookie IDE remarketing 90d "Tells visitors apart"
PrivacyCookie lang preferences 90d "Remembers the language"
CONF

# One in ten is a glob.
my $many = $ten . join '', map {
    sprintf "PrivacyCookie %s%d%s analytics 1y \"One of many\"\n", qw(trk_ _x c)[ $_ % 3 ], $_, $_ % 10 ? '' : '_*'
} 0 .. 4989;

my %request = (
    cookies  => "Host: localhost:$port\r\nCookie: $cookies\r\n",
    document => "Host: localhost:$port\r\nCookie: $cookies\r\nSec-Fetch-Dest: document\r\n",
    domains  => "Host: www.example.org\r\nCookie: $cookies\r\nSec-Fetch-Dest: document\r\n",
    nothing  => "Host: localhost:$port\r\n",
);

my ($on, $report, $off) = map { "PrivacyEngine $_\n" } qw(on report off);

# Each case: its name, its configuration, its request, and how many Set-Cookie its
# response has: what is measured is what is meant.
my @cases = (
    [ bare              => $set,                  'cookies',  3 ],
    [ bare_document     => $set,                  'document', 3 ],
    [ bare_domains      => $set,                  'domains',  3 ],
    [ bare_nothing      => '',                    'nothing',  0 ],
    [ recipe            => $set . $recipe,        'cookies',  1 ],
    [ on                => $set . $ten . $on,     'cookies',  1 ],
    [ on_100            => $set . first(100, $on), 'cookies', 1 ],
    [ on_5000           => $set . $many . $on,    'cookies',  1 ],
    [ report            => $set . $ten . $report, 'cookies',  3 ],
    [ document          => $set . $ten . $on,     'document', 1 + 8 ],
    [ domains           => $set . $ten . $on,     'domains',  1 + 3 * 8 ],
    [ on_nothing        => $ten . $on,            'nothing',  0 ],
    [ report_nothing    => $ten . $report,        'nothing',  0 ],
    [ off_nothing       => $ten . $off,           'nothing',  0 ],
);

sub first {
    my ($count, $engine) = @_;
    my @declared = grep { /^PrivacyCookie/ } split /^/, $many;
    return join '', (grep { !/^PrivacyCookie/ } split /^/, $ten), @declared[ 0 .. $count - 1 ], $engine;
}

my %cost = map { $_->[0] => cost(@$_) } @cases;

# ---- the figures ----

my $over = $cost{on} - $cost{bare};
my @rows = (
    [ 'P1  bare httpd, 20 cookies, 3 Set-Cookie', $cost{bare} ],
    [ '    the mod_headers recipe, over bare',    $cost{recipe} - $cost{bare} ],
    [ '    on, 10 declared, over bare',           $over,                          7500 ],
    [ '    on, 100 declared, over bare',          $cost{on_100} - $cost{bare},    7500 ],
    [ '    on, 5,000 declared, the whole',        $cost{on_5000},                 1.05 * $cost{on} ],
    [ '    report, over bare',                    $cost{report} - $cost{bare},    7500 ],
    [ '    each of 8 expiries, for the host',     expiry('document', 8),          700 ],
    [ '    each of 24, for its parents too',      expiry('domains', 24),          700 ],
    [ 'P2  bare httpd, nothing in or out',        $cost{bare_nothing} ],
    [ '    on, over bare',                        $cost{on_nothing} - $cost{bare_nothing},     1500 ],
    [ '    report, over bare',                    $cost{report_nothing} - $cost{bare_nothing}, 1500 ],
    [ '    off, over bare',                       $cost{off_nothing} - $cost{bare_nothing},    150 ],
);

sub expiry {
    my ($case, $count) = @_;
    return ($cost{$case} - $cost{"bare_$case"} - $over) / $count;
}

my $exceeded = 0;
printf "%-44s %12s %8s\n", 'instructions a request', '', 'budget';
for (@rows) {
    my ($what, $is, $budget) = @$_;
    my $met = !defined $budget || $is <= $budget;
    $exceeded += !$met;
    printf "%-44s %12.0f %8s%s\n", $what, $is, defined $budget ? sprintf('%.0f', $budget) : '',
        $met ? '' : '  EXCEEDED';
}
exit($exceeded ? 1 : 0);

# ---- how they are counted ----

# Callgrind writes its file as who httpd is at its end.
sub ordinary_user {
    return if $> != 0;
    my ($name) = grep { defined getpwnam $_ } qw(www-data apache daemon nobody) or die "no ordinary user\n";
    return (getpwnam $name)[ 2, 3 ];
}

sub prepare {
    my $module = $ENV{PRIVACY_MODULE} || Privacy::Httpd::top() . '/build/mod_privacy.so';
    copy($module, "$scratch/mod_privacy.so") or die "$module: $!\n";
    mkdir "$scratch/htdocs" or die $!;
    write_file('htdocs/f.bin', 'x' x 1024);
    chmod 0755, $scratch;
    chown @user, $scratch if @user;
    if (defined $keep) {
        -d $keep or mkdir $keep or die "$keep: $!\n";
    }
}

sub write_file {
    my ($name, $content) = @_;
    open my $fh, '>', "$scratch/$name" or die "$name: $!\n";
    print $fh $content;
    close $fh or die "$name: $!\n";
}

sub configure {
    my ($conf) = @_;
    my $modules = Privacy::Httpd::apxs('LIBEXECDIR');
    my @load = map { qq{LoadModule ${_}_module "\${MODULES}/mod_$_.so"\n} }
        grep { Privacy::Httpd::module_file($_) } qw(mpm_event unixd authz_core dir headers);
    write_file('httpd.conf', join '', <<"CONF", @load, $conf);
Define ROOT "$scratch"
Define MODULES "$modules"
ServerRoot "$scratch"
ServerName localhost
Listen 127.0.0.1:$port
PidFile "$scratch/pid"
ErrorLog "$scratch/error_log"
DocumentRoot "$scratch/htdocs"
KeepAlive On
MaxKeepAliveRequests 0
CONF
}

sub cost {
    my ($name, $conf, $request, $set_cookies) = @_;
    configure($conf);
    my ($few, $many) = map { count($name, $_, $request{$request}, $set_cookies) } $FEW, $MANY;
    return ($many - $few) / ($MANY - $FEW);
}

# Instructions of a whole server that has answered so many requests.
sub count {
    my ($name, $requests, $headers, $set_cookies) = @_;
    my $file = "$scratch/$name.$requests";
    unlink "$scratch/pid";
    defined($server = fork) or die "fork: $!\n";
    start_httpd($file) if !$server;
    my $client = connect_to_server();
    for (1 .. $requests) {
        my $set = ask($client, "GET /f.bin HTTP/1.1\r\n$headers\r\n");
        $set == $set_cookies or die "$name: $set Set-Cookie instead of $set_cookies\n";
    }
    close $client;
    stop();
    copy($file, "$keep/$name.$requests") or die "$keep: $!\n" if defined $keep;
    return total($file);
}

sub total {
    my ($file) = @_;
    return $1 if read_file($file) =~ /^(?:summary|totals):\s*(\d+)/m;
    die "callgrind has counted nothing:\n", said();
}

sub start_httpd {
    my ($file) = @_;
    POSIX::setsid();
    open STDOUT, '>',  "$scratch/said" or die $!;
    open STDERR, '>&', \*STDOUT        or die $!;
    if (@user) {
        my ($uid, $gid) = @user;
        $( = $gid;
        $) = "$gid $gid";
        POSIX::setuid($uid);
    }
    exec 'valgrind', '--tool=callgrind', "--callgrind-out-file=$file",
        Privacy::Httpd::binary(), '-X', '-f', "$scratch/httpd.conf"
        or POSIX::_exit(127);
}

sub said {
    return map { read_file("$scratch/$_") } qw(said error_log);
}

sub read_file {
    my ($file) = @_;
    open my $fh, '<', $file or return '';
    local $/;
    return <$fh>;
}

sub stop {
    return if !$server;
    kill TERM => $server;
    waitpid $server, 0;
    undef $server;
}

sub connect_to_server {
    my $end = time + 60;
    while (time < $end) {
        my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
        return $client if $client;
        waitpid($server, POSIX::WNOHANG()) == 0 or last;
        sleep 0.1;
    }
    die "httpd does not start:\n", said();
}

# One request; how many Set-Cookie its answer has.
sub ask {
    my ($client, $request) = @_;
    my ($set, $length) = (0, 0);
    print $client $request;
    while (defined(my $line = <$client>)) {
        last if $line eq "\r\n";
        $set++ if $line =~ /^Set-Cookie: \S/;
        $length = $1 if $line =~ /^Content-Length: (\d+)/;
    }
    $length == read $client, my $body, $length and $length or die "an answer broke off:\n", said();
    return $set;
}
