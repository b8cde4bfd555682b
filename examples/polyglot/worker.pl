#!/usr/bin/perl
# A worker in Perl for a task that C++ programs call typed: worker.pl HOST:PORT. See README.md.
use strict;
use warnings;

use Gearman::Worker;
use JSON::PP;

# What the task says: text.summary takes a text and gives {words, distinct, longest}.
sub summary {
    my ($text) = @_;
    my @words = map { lc } $text =~ /(\w+)/g;
    die { type => 'no_words', what => 'there is no word in it' } unless @words;
    my %seen = map { $_ => 1 } @words;
    my ($longest) = sort { length($b) <=> length($a) || $a cmp $b } @words;
    return { words => scalar @words, distinct => scalar keys %seen, longest => $longest };
}

# {"args":[...]} in; {"result":...} or {"error":{"type":...,"what":...}} out.
sub served_as_json {
    my ($function) = @_;
    return sub {
        my ($job) = @_;
        my $result = eval { $function->(@{ decode_json($job->arg)->{args} }) };
        return encode_json({ result => $result }) unless $@;
        return encode_json({ error => ref $@ ? $@ : { what => "$@" } });
    };
}

my $worker = Gearman::Worker->new(job_servers => [ $ARGV[0] // 'localhost:4730' ]);
$worker->register_function('text.summary', served_as_json(\&summary));
$| = 1;
print "worker.pl ready\n";
$worker->work while 1;
