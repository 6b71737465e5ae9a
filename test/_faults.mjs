/**
 * Loaded before the program (`node --import`): makes the disk or the clock fail at a chosen moment.
 *   FAULT_EVENT=n          die (SIGKILL) when exactly n lines of the journal are written
 *   FAULT_BYTES=n          die when n bytes of the last line of FAULT_EVENT are written
 *   FAULT_WRITE=n:ENOSPC   the n-th write of the journal writes half, then fails
 *   FAULT_SYNC=n:EIO       the n-th sync fails
 *   FAULT_CLOCK=ms:by      after so many ms the clock of the machine is set back by so many ms
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';

const { FAULT_EVENT, FAULT_BYTES, FAULT_WRITE, FAULT_SYNC, FAULT_CLOCK } = process.env;
const die = () => process.kill(process.pid, 'SIGKILL');
const failure = (code, what) => Object.assign(new Error(`${code}: injected, ${what}`), { code });
const write = promisify(fs.write);
const journals = new Set();
let lines = 0;
let writes = 0;
let syncs = 0;

const open = fs.open;
fs.open = (path, ...rest) => {
  const done = rest.pop();
  open(path, ...rest, (e, fd) => {
    if (!e && String(path).endsWith('journal.ndjson')) journals.add(fd);
    done(e, fd);
  });
};

async function faultyWrite(fd, data, offset, length) {
  if (!journals.has(fd)) return write(fd, data, offset, length);
  writes++;
  const part = data.subarray(offset, offset + length);
  if (FAULT_EVENT !== undefined) {
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) {
      if (++lines !== Number(FAULT_EVENT)) continue;
      const start = part.lastIndexOf(10, at - 1) + 1;
      const upTo = FAULT_BYTES === undefined ? at + 1 : start + Math.min(Number(FAULT_BYTES), at - start);
      fs.writeSync(fd, part, 0, upTo);
      die();
      await new Promise(() => {});
    }
  }
  const [n, code] = (FAULT_WRITE ?? '').split(':');
  if (code && writes >= Number(n)) {
    if (writes === Number(n)) fs.writeSync(fd, part, 0, part.length >> 1);
    throw failure(code, 'write');
  }
  return write(fd, data, offset, length);
}
fs.write = () => {
  throw new Error('only the promise is used');
};
fs.write[promisify.custom] = faultyWrite;

const fdatasync = fs.fdatasync;
fs.fdatasync = (fd, done) => {
  const [n, code] = (FAULT_SYNC ?? '').split(':');
  if (code && journals.has(fd) && ++syncs >= Number(n)) done(failure(code, 'fdatasync'));
  else fdatasync(fd, done);
};

if (FAULT_CLOCK !== undefined) {
  const [after, by] = FAULT_CLOCK.split(':').map(Number);
  const now = Date.now;
  const begun = now();
  Date.now = () => (now() - begun > after ? now() - by : now());
}
syncBuiltinESMExports();
