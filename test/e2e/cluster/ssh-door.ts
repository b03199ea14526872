import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../harness/eventually.ts'
import { runProgram } from '../harness/run-program.ts'
import { SSHD } from './engine-tools.ts'
import type { SwarmLab } from './lab.ts'

const PORT = 2222

/** Where it is, as `-H` takes it. */
export const SSH_HOST: string = `ssh://root@127.0.0.1:${PORT}`

/** Folders to be in front of PATH, each with an `ssh` that has a configuration of its own in the place of ~/.ssh. */
export interface SshClients {
  /** Knows the host, and has the key. */
  readonly known: string
  /** Has the key, and has never been there. */
  readonly first: string
  /** Knows the host, and has no key. */
  readonly unlet: string
}

/**
 * Debian's sshd at the loopback of a lab's manager: who has the key finds `docker` there, as an account of that machine would have it. Of
 * those who have not shown yet who they are it bears two at once.
 */
export async function openSsh(lab: SwarmLab): Promise<SshClients> {
  const folder = join(lab.folder, 'ssh')
  const file = (name: string): string => join(folder, name)
  mkdirSync(folder)
  for (const name of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)])
  writeFileSync(file('known'), `[127.0.0.1]:${PORT} ${readFileSync(file('host.pub'), 'utf8')}`)
  writeFileSync(file('sshd_config'), serverConfig(lab, file))
  lab.startInManager(`
    mkdir -p /run/sshd; cp /etc/passwd ${file('passwd')}; echo sshd:x:65533:65534::/run/sshd:/bin/false >>${file('passwd')}
    mount --bind ${file('passwd')} /etc/passwd; exec ${SSHD} -D -e -f ${file('sshd_config')} >${file('log')} 2>&1`)
  const clients = {
    known: client(folder, 'known', `UserKnownHostsFile ${file('known')}`, file('client')),
    first: client(folder, 'first', `UserKnownHostsFile ${file('nowhere')}`, file('client')),
    unlet: client(folder, 'unlet', `UserKnownHostsFile ${file('known')}`, file('host')),
  }
  await eventually('sshd listens', async () => {
    const [program = '', ...args] = [...lab.besideManager, join(clients.known, 'ssh')]
    const tried = await runProgram(program, [...args, '-p', String(PORT), 'root@127.0.0.1', 'true'], {})
    return tried.status === 0
  })
  return clients
}

function serverConfig(lab: SwarmLab, file: (name: string) => string): string {
  const { PATH = '', LD_LIBRARY_PATH = '' } = lab.environment
  return [
    `Port ${PORT}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${file('host')}`,
    `AuthorizedKeysFile ${file('client.pub')}`,
    ...['PermitRootLogin prohibit-password', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
    ...['UsePAM no', 'StrictModes no', 'PidFile none', 'MaxStartups 2:100:2'],
    `SetEnv PATH=${PATH} LD_LIBRARY_PATH=${LD_LIBRARY_PATH} DOCKER_HOST=${lab.manager}`,
    '',
  ].join('\n')
}

function client(folder: string, name: string, known: string, key: string): string {
  const place = join(folder, `${name}-bin`)
  const config = join(folder, `${name}.conf`)
  mkdirSync(place)
  writeFileSync(
    config,
    `${known}\nIdentityFile ${key}\nIdentitiesOnly yes\nIdentityAgent none\nGlobalKnownHostsFile none\n`,
  )
  const ssh =
    (process.env['PATH'] ?? '')
      .split(':')
      .map(each => join(each, 'ssh'))
      .find(existsSync) ?? 'ssh'
  writeFileSync(join(place, 'ssh'), `#!/bin/sh\nexec ${ssh} -F ${config} "$@"\n`)
  chmodSync(join(place, 'ssh'), 0o755)
  return place
}
