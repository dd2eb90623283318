import { setFlagsFromString } from 'node:v8';

// Code is compiled for size until `serve` is ready. On the command line the same would also keep the young generation at 1 MB for good.
setFlagsFromString('--optimize-for-size');
