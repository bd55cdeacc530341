# Licensed under the Apache License, Version 2.0; see LICENSE.

# Servers that are not httpd: nginx and Varnish, each in a process of its own that stays
# in the foreground.
package Privacy::Front;

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX ();

use Privacy::Httpd;

my @running;

# Whether the program is on this machine.
sub has {
    my ($program) = @_;
    return grep { -x "$_/$program" } split(/:/, $ENV{PATH}), '/usr/sbin';
}

# nginx, one process: the text of its server block, which is told where it listens;
# `load` are modules that are loaded, `http` is said beside the server.
sub nginx {
    my ($class, $server, %option) = @_;
    my $self = $class->_new;
    my $dir = $self->{dir};
    my $load = join '', map { "load_module $_;\n" } @{ $option{load} || [] };
    my $temporary = join ' ', map { "${_}_temp_path $dir/$_;" } qw(client_body proxy fastcgi uwsgi scgi);
    my $http = ($option{http} // '') =~ s/DIR/$dir/gr;
    return $self->_start($self->_write('nginx.conf', <<"CONF"), qw(nginx -p), $dir, '-c');
${load}daemon off;
master_process off;
pid $dir/pid;
error_log $dir/error_log;
events { }
http {
    access_log off;
    $temporary
    $http
    server {
        listen 127.0.0.1:$self->{port};
        $server
    }
}
CONF
}

# Varnish, with this VCL behind the line that names its backend.
sub varnish {
    my ($class, $backend_port, $vcl) = @_;
    my $self = $class->_new;
    my $file = $self->_write('front.vcl', qq{vcl 4.1;\n$vcl\nbackend default { .host = "127.0.0.1"; .port = "$backend_port"; }\n});
    return $self->_start($file, 'varnishd', '-F', '-j', 'none', '-n', "$self->{dir}/work", '-a', "127.0.0.1:$self->{port}", '-s', 'malloc,16m', '-f');
}

sub port { $_[0]{port} }

# All its processes.
sub pids {
    my ($self) = @_;
    my @children = map { split ' ', Privacy::Httpd::slurp($_) } glob "/proc/$self->{pid}/task/*/children";
    return ($self->{pid}, @children);
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill TERM => $pid;
    waitpid $pid, 0;
}

END { local $?; $_->{owner} == $$ && $_->stop for @running }

sub _new {
    my ($class) = @_;
    my $self = bless { dir => tempdir(CLEANUP => 1), port => Privacy::Httpd::free_port(), owner => $$ }, $class;
    chmod 0777, $self->{dir};
    return $self;
}

sub _write {
    my ($self, $name, $text) = @_;
    open my $fh, '>', "$self->{dir}/$name" or die "$name: $!\n";
    print $fh $text;
    close $fh or die $!;
    return "$self->{dir}/$name";
}

# Itself when it listens, or undef and a warning that says why not.
sub _start {
    my ($self, $file, @command) = @_;
    $self->{pid} = fork // die $!;
    if (!$self->{pid}) {
        $ENV{PATH} .= ':/usr/sbin';
        open STDOUT, '>', "$self->{dir}/said";
        open STDERR, '>&', \*STDOUT;
        exec @command, $file or POSIX::_exit(127);
    }
    push @running, $self;
    my $listens = sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}) };
    my $gone = sub { waitpid($self->{pid}, POSIX::WNOHANG()) != 0 && delete $self->{pid} };
    return $self if Privacy::Httpd::wait_until(sub { $listens->() || $gone->() }) && $self->{pid};
    warn "$command[0] does not listen: ", map { Privacy::Httpd::slurp("$self->{dir}/$_") } qw(said error_log);
    return;
}

1;
