<?php
// A worker in PHP: worker.php HOST PORT. What its functions do is said in peers.hpp.
[, $host, $port] = $argv;

function tell(string $line): void {
    fwrite(STDOUT, "$line\n");
}

// Waits for a line of standard input when that is what the job is for.
function hold(GearmanJob $job): void {
    if ($job->workload() !== 'hold') {
        return;
    }
    tell('holding');
    fgets(STDIN);
}

$worker = new GearmanWorker();
$worker->addServer($host, (int)$port);
$worker->addFunction('reverse', fn ($job) => strrev($job->workload()));
$worker->addFunction('chunks', function ($job) {
    $job->sendData('one');
    $job->sendData('two');
    return 'three';
});
$worker->addFunction('warn', function ($job) {
    $job->sendWarning('careful');
    return 'done';
});
$worker->addFunction('throw', function ($job) {
    $job->sendException('gone wrong');
    $job->setReturn(GEARMAN_WORK_EXCEPTION);
});
$worker->addFunction('fail', function ($job) {
    $job->sendFail();
    $job->setReturn(GEARMAN_WORK_FAIL);
});
$worker->addFunction('progress', function ($job) {
    $job->sendStatus(1, 4);
    hold($job);
    $job->sendStatus(3, 4);
    return 'done';
});
$worker->addFunction('log', function ($job) {
    hold($job);
    tell('ran ' . $job->unique() . ' ' . $job->workload());
    return $job->workload();
});

// work() is false also when the job it has run has failed.
$ended_jobs = [GEARMAN_SUCCESS, GEARMAN_WORK_FAIL, GEARMAN_WORK_EXCEPTION];
do {
    @$worker->work();
} while (in_array($worker->returnCode(), $ended_jobs, true));
fwrite(STDERR, $worker->error() . "\n");
exit(1);
