#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.
#
# shipped.pl FILE... writes the files as a table of C, so that the module has its templates and texts with it and
# needs no file at run time. src/page/pv_shipped.h has the table's shape.

use strict;
use warnings;

print "/* Made by build-aux/shipped.pl; not to be edited. */\n\n#include \"page/pv_shipped.h\"\n\n";
print "const pv_shipped_t pv_shipped[] = {\n";
for my $file (@ARGV) {
    my ($name) = $file =~ m{([^/]+)\z};
    open my $fh, '<:raw', $file or die "$file: $!\n";
    local $/;
    my $text = <$fh>;
    print qq(    { "$name",\n);
    for my $line ($text =~ /[^\n]*\n|[^\n]+\z/g) {
        $line =~ s/([\\"])/\\$1/g;
        $line =~ s/\n/\\n/g;
        $line =~ s/\?\?/?\\?/g;
        $line =~ s/([^ -~])/sprintf '\\%03o', ord $1/ge;
        print qq(      "$line"\n);
    }
    print "      , ", length $text, " },\n";
}
print "    { NULL, NULL, 0 }\n};\n";
