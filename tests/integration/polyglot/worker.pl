# Serves what polyglot_test.cpp calls, in all the ways in which a worker can fail: worker.pl HOST:PORT.
use strict;
use warnings;

use Gearman::Worker;
use JSON::PP;

my $worker = Gearman::Worker->new(job_servers => [ $ARGV[0] ]);

# Gives back what it was given.
$worker->register_function('perl.echo', sub {
    my ($job) = @_;
    return encode_json({ result => decode_json($job->arg)->{args}[0] });
});
# An error as an exception, which is the job's end.
$worker->register_function('perl.refuse', sub {
    my ($job) = @_;
    my ($code) = @{ decode_json($job->arg)->{args} };
    my $error = { type => 'refused', what => 'not today', data => { code => $code } };
    $worker->send_work_exception($job, encode_json({ error => $error }));
    return;
});
$worker->register_function('perl.die', sub { die "gone wrong\n" });
$worker->register_function('perl.fail', sub { return });
$worker->register_function('perl.wrong', sub { return '{"result":{"number":1,"text":"a","list":[],"extra":0}}' });

$| = 1;
print "ready\n";
$worker->work while 1;
