/** Certificates for tests, made by openssl: one that holds, one that ended in 2020. Each is its own authority. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from './_temp.ts';

export interface Certificate {
  key: string;
  cert: string;
}

const CONFIG = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = names
x509_extensions = hosts
[names]
commonName = supplied
[hosts]
basicConstraints = CA:TRUE
`;

/** A certificate; `hosts` as openssl writes them (`DNS:localhost,IP:127.0.0.1`). Times as `20200101000000Z`. */
export function certificate({
  hosts = 'DNS:localhost,IP:127.0.0.1',
  from = '20200101000000Z',
  to = '20991231000000Z',
} = {}): Certificate {
  const cwd = tempFolder('inquest-certificate-');
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd, stdio: 'ignore' });
  writeFileSync(join(cwd, 'ca.cnf'), `${CONFIG}subjectAltName = ${hosts}\n`);
  writeFileSync(join(cwd, 'index.txt'), '');
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key.pem');
  openssl('req', '-new', '-key', 'key.pem', '-subj', '/CN=test', '-out', 'request.pem');
  const times = ['-startdate', from, '-enddate', to];
  const files = ['-keyfile', 'key.pem', '-in', 'request.pem', '-out', 'cert.pem'];
  openssl('ca', '-batch', '-config', 'ca.cnf', '-selfsign', '-notext', ...times, ...files);
  const read = (name: string): string => readFileSync(join(cwd, name), 'utf8');
  return { key: read('key.pem'), cert: read('cert.pem') };
}
