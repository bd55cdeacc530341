# Licensed under the Apache License, Version 2.0; see LICENSE.

# The scanner against parse5, the tokenizer and tree builder of jsdom, over generated documents
# (H4): what parse5 finds with scripting or without is found, and in tidy documents nothing else.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

my $SEED    = $ENV{PRIVACY_SEED} || 20240229;
my $COUNT   = 8_000;
my $VERSION = '8.0.0';

chdir Privacy::Httpd::top() or die $!;
for my $tool (qw(node npm)) {
    plan skip_all => "$tool is not installed: no parse5 to compare with"
        if !grep { -x "$_/$tool" } split /:/, $ENV{PATH};
}
if (!$ENV{MAKELEVEL}) {
    system('make', '-s', 'unit') == 0 or BAIL_OUT('make unit fails');
}

my $prefix = "build/npm/parse5-$VERSION";
my $parse5 = "$prefix/node_modules/parse5";
if (!-e "$parse5/package.json") {
    system("npm install --silent --no-audit --no-fund --prefix $prefix parse5\@$VERSION >/dev/null 2>&1");
    plan skip_all => "parse5 $VERSION cannot be had from npm" if !-e "$parse5/package.json";
}

open my $compared, '-|', 'node', 't/differential/tags.mjs', 'build/unit/driver_scan', $parse5, $SEED, $COUNT or die $!;
my $said = 0;
while (<$compared>) {
    if (/^((?:not )?ok) \d+ - (.*)/) {
        $said++;
        ok $1 eq 'ok', "$2 (seed $SEED)";
    }
    elsif (/^#/) {
        /"documents"/ ? note $_ : diag $_;
    }
}
close $compared;
is $?, 0, 'the comparison ended well';
is $said, 3, 'and said all it had to say';

done();
