# Licensed under the Apache License, Version 2.0; see LICENSE.

# What an httpd needs that is to load a module built with a sanitizer, and what
# the sanitizer has said. The module itself tells: it is linked with the runtime.
package Privacy::Sanitizer;

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Copy qw(copy);

# asan: a child of httpd ends with the configuration's pool as it is, and that is
# memory which APR has mapped: LeakSanitizer does not look for references there, and
# would take all that they lead to for lost. Leaks are looked for in the unit tests.
# A freed block is kept from use for the next megabyte only, so that a test which
# measures growth sees that of the module.
#
# tsan: that one thread reads from a socket after another has written to some other
# is not taken for an order of the two (io_sync). It goes on after a report; nothing
# is suppressed.
my %OPTIONS = (
    asan  => [ ASAN_OPTIONS  => 'detect_leaks=0:quarantine_size_mb=1:detect_stack_use_after_return=1' ],
    ubsan => [ UBSAN_OPTIONS => 'print_stacktrace=1' ],
    tsan  => [ TSAN_OPTIONS  => 'history_size=4:io_sync=0:exitcode=0' ],
);

my %runtimes;

# The runtimes that a module asks for, as [name, file]: none for an ordinary one.
sub runtimes {
    my ($module) = @_;
    $runtimes{$module} ||= [ map { /^\s*lib(asan|ubsan|tsan)\.so\S* => (\S+)/ ? [ $1, $2 ] : () } `ldd '$module'` ];
    return @{ $runtimes{$module} };
}

# A command that runs httpd, with what that needs and nobody else does: what curl,
# a backend or a CGI script does is not looked at. Reports go to files in the
# directory, which is made first.
sub command {
    my ($module, $directory, @command) = @_;
    my @runtimes = runtimes($module) or return @command;
    my @preload  = map { $_->[1] } @runtimes;
    my $tsan     = grep { $_->[0] eq 'tsan' } @runtimes;
    push @preload, "$directory/apr_atomic.so" if $tsan;
    my @set = 'LD_PRELOAD=' . join ' ', @preload;
    for my $runtime (@runtimes) {
        my ($name, $options) = @{ $OPTIONS{ $runtime->[0] } };
        push @set, "$name=" . join ':', $options, "log_path=$directory/report", $ENV{$name} // ();
    }
    # ThreadSanitizer wants addresses where it expects them.
    return (($tsan ? qw(setarch -R) : ()), 'env', @set, @command);
}

# Where any user may write a report, and load what tells ThreadSanitizer of APR.
sub prepare {
    my ($module, $directory) = @_;
    return if -d $directory || !runtimes($module);
    mkdir $directory or die "$directory: $!\n";
    chmod 01777, $directory;
    return if !grep { $_->[0] eq 'tsan' } runtimes($module);
    copy(dirname($module) . '/apr_atomic.so', $directory) or die "apr_atomic.so: $!\n";
}

# What has been reported there.
sub reports {
    my ($directory) = @_;
    my @reports;
    for my $file (sort glob "$directory/report*") {
        open my $fh, '<:raw', $file or die "$file: $!\n";
        local $/;
        push @reports, scalar <$fh>;
    }
    return @reports;
}

1;
