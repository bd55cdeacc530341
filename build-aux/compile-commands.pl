# Licensed under the Apache License, Version 2.0; see LICENSE.

# What make would run, on stdin, becomes a compilation database on stdout.
use strict;
use warnings;
use Cwd qw(getcwd);

sub quoted { my ($s) = @_; $s =~ s/(["\\])/\\$1/g; return qq("$s") }

my $dir = getcwd;
my @entries;
while (<STDIN>) {
    chomp;
    my ($file) = / -o \S+ (\S+\.c)\b/ or next;
    s/(?<! -o) \S+\.[ao](?= |\z)//g;    # linked to it, which may not be there yet
    push @entries, sprintf '{ "directory": %s, "file": %s, "command": %s }', quoted($dir), quoted($file), quoted($_);
}
die "no compilation in what make said\n" if !@entries;
print "[\n", join(",\n", @entries), "\n]\n";
