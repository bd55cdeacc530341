# Licensed under the Apache License, Version 2.0; see LICENSE.

# An httpd of a test's own: its configuration, directories, ports and process.
package Privacy::Httpd;

use strict;
use warnings;

use Cwd qw(abs_path);
use Fcntl qw(:mode);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep time);

use Privacy::Client;
use Privacy::Restart;
use Privacy::Sanitizer;
use Privacy::Sent;

our @ISA = ('Privacy::Client', 'Privacy::Restart');

# Of each child, but for prefork.
our $THREADS = 16;

my $TOP     = abs_path(dirname(__FILE__) . '/../../..');
our $TIMEOUT = 60;   # seconds: what is waited for takes a tenth of one, but not on every machine
my @all;

# What a module needs beside it.
my %NEEDS = (
    proxy_http     => ['proxy'],
    proxy_http2    => ['proxy'],
    proxy_fcgi     => ['proxy'],
    proxy_wstunnel => ['proxy'],
    proxy_balancer => [qw(proxy slotmem_shm)],
    cache_disk     => ['cache'],
    cache_socache  => ['cache'],
    session_cookie => ['session'],
    auth_form      => [qw(auth_basic authn_core authn_file authz_user request session)],
);

# Always there: what a configuration of a few lines cannot do without.
my @BASE = qw(unixd log_config authz_core mime dir);

sub top { $TOP }

sub all { @all }

# Takes conf, modules, mpm, files, cgi, define, tls, privacy, user, loglevel, under
# as t/README says. Nothing is started yet.
sub new {
    my ($class, %arg) = @_;
    my $self = bless {
        conf => '', modules => [], define => {}, privacy => 1,
        mpm      => $ENV{PRIVACY_MPM} || 'event',
        user     => $ENV{PRIVACY_USER},
        loglevel => 'notice', %arg,
        owner => $$, ports => {}, expected => [], undefined => [], earlier => '',
    }, $class;
    $self->{root} = tempdir('privacy-XXXXXX', TMPDIR => 1);
    chmod 0755, $self->{root};
    make_path(map { "$self->{root}/$_" } qw(htdocs logs));
    $self->_identity;
    # The children of an httpd that root starts keep their state here.
    $self->{var} = $self->dir('var');
    $self->file($_, $arg{files}{$_}) for keys %{ $arg{files} || {} };
    $self->cgi($_, $arg{cgi}{$_}) for keys %{ $arg{cgi} || {} };
    $self->_certificate if $self->{tls};
    push @all, $self;
    return $self;
}

sub root    { $_[0]{root} }
sub docroot { "$_[0]{root}/htdocs" }
sub pid     { $_[0]{pid} }

# The port that the configuration calls ${PORT}, or ${PORT_NAME}.
sub port {
    my ($self, $name) = @_;
    return $self->{ports}{ defined $name ? "PORT_$name" : 'PORT' } // die "no port '$name' in this configuration\n";
}

# A file of the site, by its URL path; always of the same age, so that its
# validators are.
sub file {
    my ($self, $path, $content, $mode) = @_;
    my $file = $self->docroot . '/' . $path =~ s{^/}{}r;
    make_path(dirname $file);
    Privacy::Sent::text($content);
    _write($file, $content, $mode || 0644);
    utime 1_600_000_000, 1_600_000_000, $file;
    return $file;
}

# A CGI script of the site, by its URL path, which ends in .cgi: Perl, or
# anything that begins with its own #!.
sub cgi {
    my ($self, $path, $script) = @_;
    $script = "#!$^X\nuse strict; use warnings; \$| = 1;\n$script" if $script !~ /^#!/;
    return $self->file($path, $script, 0755);
}

# A directory that the server's children may write to.
sub dir {
    my ($self, $name) = @_;
    my $dir = "$self->{root}/$name";
    make_path($dir);
    chown @{ $self->{uid} }, $dir if $> == 0;
    return $dir;
}

# ---- the process ----

sub start {
    my ($self) = @_;
    die "$self->{mpm} is not on this machine\n" if !module_file("mpm_$self->{mpm}") && $ENV{PRIVACY_MPM};
    my $ready;
    for my $try (1 .. 3) {
        $self->{ports} = {};
        $self->_configure;
        $self->_spawn;
        $ready = $self->_wait_until_ready;
        return $self if $self->{started} = $ready && !$self->_gone;
        last if $self->startup_output !~ /Address already in use/;
    }
    die 'httpd does not start', $ready ? '' : " within $TIMEOUT s", ":\n", $self->startup_output, "\n", $self->log;
}

# The exit code and everything said by `httpd -t`.
sub configtest {
    my ($self) = @_;
    $self->_configure;
    $self->_spawn('-t');
    waitpid delete $self->{pid}, 0;
    return ($? & 127 ? 128 + ($? & 127) : $? >> 8, $self->startup_output);
}

# The most memory, in kB, that one of them has ever had resident.
sub peak {
    my ($self) = @_;
    my $peak = 0;
    for my $pid ($self->children) {
        my ($kb) = slurp("/proc/$pid/status") =~ /^VmHWM:\s+(\d+)/m;
        $peak = $kb if ($kb // 0) > $peak;
    }
    return $peak;
}

# Stop it and say how it ended: 0 is well. Gracefully first: after a TERM event's
# main thread closes the sockets of its workers while they free them, and now and
# then one crashes for it, with or without a module of ours. Once the workers have
# gone, a TERM saves the second that the parent would sleep.
sub stop {
    my ($self) = @_;
    $self->let_go;
    return $self->_end if $self->{under};
    kill WINCH => $self->{pid} if !$self->_gone;
    wait_until(sub { $self->_gone || $self->children <= ($self->{loaded}{cgid} ? 1 : 0) });
    return $self->_end;
}

sub _end {
    my ($self) = @_;
    kill TERM => $self->{pid} if !$self->_gone;
    wait_until(sub { $self->_gone }) or kill(KILL => $self->{pid}), waitpid $self->{pid}, 0;
    return $self->{exit};
}

# What a sanitizer has to say of it, where the module is built with one. UBSan beside
# ASan does not hear of a log file, and writes to standard error.
sub reports {
    my ($self) = @_;
    my @reports = (Privacy::Sanitizer::reports("$self->{root}/reports"), @{ $self->{undefined} }, $self->_undefined);
    return @reports;
}

sub _undefined { return map { /^(.*: runtime error: .*(?:\n +#\d.*)*)/mg } $_[0]->log, $_[0]->startup_output }

sub stop_all {
    $_->{owner} == $$ && $_->stop for @all;
}

sub clean_up {
    for my $self (grep { $_->{owner} == $$ } @all) {
        $self->_end;
        $ENV{PRIVACY_KEEP} ? warn "kept: $self->{root}\n" : remove_tree($self->{root});
    }
}

# ---- its log ----

sub log { slurp("$_[0]{root}/logs/error_log") }

sub startup_output { slurp("$_[0]{root}/logs/startup") }

# Its lines, and those of every start and configtest before, that repeat what a message
# has told of a visitor (rule F2).
sub repeated {
    my ($self) = @_;
    return Privacy::Sent::repeated(join("\n", $self->{earlier}, $self->startup_output, $self->log), $self->{conf});
}

# What the machine may be the cause of: another build of OpenSSL than
# mod_ssl's, mod_http2 with prefork.
my $NOT_OURS = qr/ AH(?:01882|10034): /;

# The log's lines that a healthy server does not write: at warn and above, and
# the death of a child, whatever its level.
sub complaints {
    my ($self) = @_;
    return grep { !/$NOT_OURS/ } grep {
        /^\[[^\]]*\] \[[^\]:]*:(?:emerg|alert|crit|error|warn)\]/
            || /\bAH0005[0-2]\b|exit signal|[Ss]egmentation fault|AddressSanitizer|runtime error:/
            || !/^\[/
    } split /\n/, $self->log;
}

# ---- what is on this machine ----

my %apxs;

sub apxs {
    my ($what) = @_;
    if (!%apxs) {
        my @keys = qw(LIBEXECDIR SBINDIR INCLUDEDIR progname);
        my $apxs = $ENV{APXS} || (grep { _in_path($_) } qw(apxs apxs2))[0] || 'apxs';
        @apxs{@keys} = split /;;/, `$apxs -q @keys`;
        die "no apxs: run `make deps`\n" if $?;
        chomp %apxs;
    }
    return $apxs{$what};
}

sub binary { $ENV{PRIVACY_HTTPD} || apxs('SBINDIR') . '/' . apxs('progname') }

sub module_file {
    my ($name) = @_;
    my $file = apxs('LIBEXECDIR') . "/mod_$name.so";
    return -e $file ? $file : undef;
}

my $built_in;

# Can this httpd have the module, loaded or built in?
sub has_module {
    my ($name) = @_;
    $built_in //= join ' ', `@{[binary()]} -l`;
    return module_file($name) || $built_in =~ /\bmod_$name\.c\b/;
}

# ---- inside ----

# Who the children are (root's httpd), or who all of it is.
sub _identity {
    my ($self) = @_;
    my $name = $self->{user} || ordinary_user();
    my (undef, undef, $uid, $gid) = getpwnam $name or die "no such user: $name\n";
    $self->{uid} = [ $uid, $gid ];
    if ($self->{user} && $> == 0) {
        chown $uid, $gid, $self->{root}, map { "$self->{root}/$_" } qw(htdocs logs);
    }
    else {
        delete $self->{user};
        $self->{as} = [ $name, scalar getgrgid $gid ] if $> == 0;
    }
}

sub _configure {
    my ($self) = @_;
    my $conf = "$self->{conf}\n";
    my $base = join '', map { "$_\n" } $self->_preamble, $self->_load_modules, $self->_server;
    if ($self->{tls} && $conf !~ /\$\{PORT_TLS\}/) {
        $conf .= <<'TLS';
Listen 127.0.0.1:${PORT_TLS}
<VirtualHost 127.0.0.1:${PORT_TLS}>
    ServerName www.example.org
    SSLEngine on
</VirtualHost>
TLS
    }
    # Ports first: every ${PORT_x} that is named anywhere gets one.
    $self->{ports}{$_} //= free_port() for "$base$conf" =~ /\$\{(PORT(?:_\w+)?)\}/g;
    my %define = (%{ $self->{ports} }, %{ $self->{define} },
        ROOT => $self->{root}, DOCROOT => $self->docroot, VAR => $self->{var});
    # The test's own text stands in a file of its own, so that a message of
    # httpd's names the line that its author counts.
    _write("$self->{root}/test.conf", $conf, 0644);
    Privacy::Sent::text($conf);
    _write("$self->{root}/httpd.conf",
        join('', map { "Define $_ \"$define{$_}\"\n" } sort keys %define) . $base . "Include \"$self->{root}/test.conf\"\n",
        0644);
}

sub _preamble {
    my ($self) = @_;
    my $root = $self->{root};
    return (
        'ServerName www.example.org',
        'Listen 127.0.0.1:${PORT}',
        qq{ServerRoot "$root"},
        qq{DocumentRoot "$root/htdocs"},
        qq{PidFile "$root/logs/pid"},
        qq{DefaultRuntimeDir "$root/logs"},
        qq{Mutex "file:$root/logs" default},
        qq{ErrorLog "$root/logs/error_log"},
    );
}

sub _load_modules {
    my ($self) = @_;
    my $threads = $self->{mpm} ne 'prefork';
    my @names = map { my $m = $_ =~ s/^mod_//r; (@{ $NEEDS{$m} || [] }, $m) } @{ $self->{modules} };
    # `cgi` is whichever of the two goes with the MPM; mod_cgi means itself.
    @names = map { $_ eq 'cgi' && $threads && !grep(/^mod_cgi$/, @{ $self->{modules} }) ? 'cgid' : $_ } @names;
    push @names, qw(socache_shmcb ssl) if $self->{tls};
    my (%seen, @lines);
    for my $name ("mpm_$self->{mpm}", @BASE, @names) {
        next if $seen{$name}++;
        my $file = module_file($name);
        push @lines, qq{LoadModule ${name}_module "$file"} if $file;
        die "mod_$name is not on this machine\n" if !$file && !has_module($name) && $name !~ /^mpm_/;
    }
    push @lines, qq{ScriptSock "$self->{root}/logs/cgisock"} if $seen{cgid};
    push @lines, qq{LoadModule privacy_module "} . $self->_module . '"' if $self->{privacy};
    $self->{loaded} = \%seen;
    return @lines;
}

sub _server {
    my ($self) = @_;
    my $root  = $self->{root};
    my @lines = (
        "LogLevel $self->{loglevel}" . ($self->{privacy} ? ' privacy:debug' : ''),
        $self->{mpm} eq 'prefork'
        ? ('StartServers 2', 'MinSpareServers 1', 'MaxSpareServers 4', 'MaxRequestWorkers 16')
        : ('StartServers 1', 'ServerLimit 4', "ThreadsPerChild $THREADS", 'MaxRequestWorkers 64',
            'MinSpareThreads 1', 'MaxSpareThreads 64'),
        $self->{as} ? ("User $self->{as}[0]", "Group $self->{as}[1]") : (),
        'GracefulShutdownTimeout 3', 'TypesConfig /dev/null',
        'AddType text/html .html', 'AddType text/plain .txt', 'AddType text/css .css',
        'DirectoryIndex index.html',
        qq{<Directory "$root/htdocs">}, '    Require all granted', '    Options +ExecCGI +Includes +FollowSymLinks',
        '</Directory>',
    );
    push @lines, 'AddHandler cgi-script .cgi' if grep { $self->{loaded}{$_} } qw(cgi cgid);
    push @lines, 'Protocols h2 h2c http/1.1' if $self->{loaded}{http2};
    push @lines, qq{SSLCertificateFile "$root/cert.pem"}, qq{SSLCertificateKeyFile "$root/key.pem"},
        qq{SSLSessionCache "shmcb:$root/logs/ssl"} if $self->{tls};
    return @lines;
}

# Whom root has for what need not be root's.
sub ordinary_user { return (grep { defined getpwnam $_ } qw(www-data apache daemon nobody))[0] }

# Is it built with a sanitizer?
sub sanitized { return scalar Privacy::Sanitizer::runtimes(tested()) }

# What a sanitizer needs for itself before it levels off, in kB: for tests that measure
# what a page needs, which is more than this where it is kept.
sub sanitizers_own { return sanitized() ? 20_000 : 0 }

# The module that is tested.
sub tested {
    my $file = $ENV{PRIVACY_MODULE} || "$TOP/build/mod_privacy.so";
    -e $file or die "$file is not there: run `make`\n";
    return abs_path($file);
}

sub _module {
    my ($self) = @_;
    my $file = tested();
    return $file if !$self->{user};
    # Another user may not be able to look into the source tree. Never copied over
    # one that a running server has mapped.
    my $copy = "$self->{root}/mod_privacy.so";
    -e $copy or copy($file, $copy) or die $!;
    return $copy;
}

sub _certificate {
    my ($self) = @_;
    my $root = $self->{root};
    # A configuration of our own: the machine's may add that this is a CA.
    _write("$root/cert.conf", <<'CONF', 0644);
[req]
distinguished_name = dn
x509_extensions = server
prompt = no
[dn]
CN = www.example.org
[server]
basicConstraints = CA:FALSE
subjectAltName = DNS:www.example.org, DNS:*.example.org
CONF
    my $said = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \\
        -config $root/cert.conf -keyout $root/key.pem -out $root/cert.pem 2>&1`;
    die "openssl: $said" if $?;
    chown @{ $self->{uid} }, "$root/key.pem", "$root/cert.pem" if $self->{user};
}

sub _spawn {
    my ($self, @option) = @_;
    @option = $self->{under} ? '-X' : '-DFOREGROUND' if !@option;
    push @{ $self->{undefined} }, $self->_undefined;
    $self->{earlier} .= $self->log . $self->startup_output;
    unlink map { "$self->{root}/logs/$_" } qw(pid error_log);
    Privacy::Sanitizer::prepare(tested(), "$self->{root}/reports");
    delete $self->{exit};
    defined($self->{pid} = fork) or die "fork: $!\n";
    return if $self->{pid};
    # A group of its own: as it ends, httpd sends a TERM to its whole group.
    POSIX::setsid();
    open STDIN,  '<', '/dev/null';
    open STDOUT, '>', "$self->{root}/logs/startup";
    open STDERR, '>&', \*STDOUT;
    if ($self->{user}) {
        my ($uid, $gid) = @{ $self->{uid} };
        chown $uid, $gid, "$self->{root}/logs/startup";
        $( = $gid;
        $) = "$gid $gid";
        POSIX::setuid($uid);
    }
    my @command = Privacy::Sanitizer::command(tested(), "$self->{root}/reports",
        @{ $self->{under} || [] }, binary(), '-f', "$self->{root}/httpd.conf", @option);
    exec { $command[0] } @command or POSIX::_exit(127);
}

# The pid file is written after everything that may fail, the sockets listen
# long before. A single process does not say that it is ready.
sub _wait_until_ready {
    my ($self) = @_;
    return wait_until(sub { -s "$self->{root}/logs/pid" && ($self->{under} || ($self->_restarts)[1]) || $self->_gone });
}

sub _gone {
    my ($self) = @_;
    return 1 if !$self->{pid};
    return 0 if waitpid($self->{pid}, WNOHANG) == 0;
    $self->{exit} = $?;
    delete $self->{pid};
    return 1;
}

# Below the range from which the kernel picks ports for outgoing connections. None is given
# twice: what asked first may not listen yet.
my %given;

sub free_port {
    for (1 .. 200) {
        my $port = 10_000 + int rand 22_000;
        return $port if !$given{$port}++ && IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1);
    }
    die "no free port on 127.0.0.1\n";
}

# Wait until something is so; false if it takes too long.
sub wait_until {
    my ($done) = @_;
    my $end = time + $TIMEOUT;
    while (!$done->()) {
        return 0 if time > $end;
        sleep 0.01;
    }
    return 1;
}

sub _in_path {
    my ($program) = @_;
    return grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

sub slurp {
    my ($file) = @_;
    open my $fh, '<:raw', $file or return '';
    local $/;
    return scalar(<$fh>) // '';
}

sub _write {
    my ($file, $content, $mode) = @_;
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $content;
    close $fh or die "$file: $!\n";
    chmod $mode, $file;
}

1;
