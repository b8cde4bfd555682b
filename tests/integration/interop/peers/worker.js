// A worker in JavaScript: worker.js HOST PORT. What its functions do is said in peers.hpp.
'use strict';
const gearmanode = require('gearmanode');
const winston = require('winston');
const readline = require('readline');

const [host, port] = process.argv.slice(2);
const tell = line => process.stdout.write(line + '\n');
const orders = readline.createInterface({input: process.stdin});

// Goes on after a line of standard input when that is what the job is for, else at once.
const hold = (job, go_on) => {
    if (job.payload.toString() !== 'hold') return go_on();
    tell('holding');
    orders.once('line', go_on);
};

winston.loggers.loggers.forEach(log => log.silent = true); // else they ask on standard error where to go
const worker = gearmanode.worker({host, port: Number(port), withUnique: true});
worker.on('error', error => tell('error ' + error.message));
worker.addFunction('reverse', job => job.workComplete(Buffer.from(job.payload).reverse()));
worker.addFunction('chunks', job => {
    job.sendWorkData('one');
    job.sendWorkData('two');
    job.workComplete('three');
});
worker.addFunction('warn', job => {
    job.reportWarning('careful');
    job.workComplete('done');
});
worker.addFunction('throw', job => job.reportException('gone wrong'));
worker.addFunction('fail', job => job.reportError());
worker.addFunction('progress', job => {
    job.reportStatus(1, 4);
    hold(job, () => {
        job.reportStatus(3, 4);
        job.workComplete('done');
    });
});
worker.addFunction('log', job => hold(job, () => {
    tell(`ran ${job.unique ?? ''} ${job.payload}`);
    job.workComplete(job.payload);
}));
