import type { ChildProcess } from 'node:child_process'
import { failure } from '../../diagnostics/index.ts'
import type { Wire } from '../http/wire.ts'
import { ProgramWire } from './program-wire.ts'
import type { Settings } from './settings.ts'
import { type SshSecrets, secretsOf } from './ssh-secrets.ts'

/** Milliseconds that the handshake may take when nothing else is said; ssh2's own figure. */
const READY_TIMEOUT = 20_000

/** Options of ssh2 that put code in the place of what the program ssh does by its configuration. */
const UNSUPPORTED = [
  'hostVerifier',
  'hostHash',
  'algorithms',
  'sock',
  'authHandler',
  'localUsername',
  'ident',
]

/**
 * A connection to the engine of another machine, as the docker CLI makes it: the program `ssh` runs `docker system dial-stdio` there. So
 * names, jump hosts, keys and known hosts are those of ~/.ssh, which no library knows all of, and a host that is not known is refused.
 * Errors: SSH_OPTION_UNSUPPORTED; of the connection SSH_FAILED, with what ssh said.
 */
export async function connectBySsh(settings: Settings): Promise<Wire> {
  const { sshOptions, password } = settings
  const asked = UNSUPPORTED.find(name => sshOptions[name] !== undefined)
  if (asked !== undefined) throw unsupported(asked)
  const { spawn } = await import('node:child_process')
  const secrets = secretsOf({ ...sshOptions, password: password ?? sshOptions.password })
  const child = spawn('ssh', [...sshArguments(settings), ...secrets.options, ...command(settings)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...secrets.env },
  })
  forgetAfter(child, secrets)
  return new ProgramWire(child, said => broken(settings.host ?? '', said))
}

/** The program's options: its own configuration says whatever these do not. */
function sshArguments({ sshOptions, port, username }: Settings): string[] {
  const { agent, agentForward, readyTimeout = READY_TIMEOUT } = sshOptions
  const { keepaliveInterval, keepaliveCountMax, localAddress } = sshOptions
  const seconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000))
  const set = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : ['-o', `${name}=${value}`]
  return [
    '-T',
    ...set('ConnectTimeout', seconds(readyTimeout)),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(username === undefined ? [] : ['-l', username]),
    ...(agent === undefined || agent === process.env['SSH_AUTH_SOCK'] ? [] : set('IdentityAgent', agent)),
    ...(agentForward === true ? ['-A'] : []),
    ...set('ServerAliveInterval', keepaliveInterval ? seconds(keepaliveInterval) : undefined),
    ...set('ServerAliveCountMax', keepaliveCountMax),
    ...(localAddress === undefined ? [] : ['-b', localAddress]),
    ...(sshOptions.forceIPv4 === true ? ['-4'] : []),
    ...(sshOptions.forceIPv6 === true ? ['-6'] : []),
  ]
}

function command({ host = '', remoteSocket }: Settings): string[] {
  const there = remoteSocket === undefined ? [] : ['--host', quoted(`unix://${remoteSocket}`)]
  return ['--', host.replace(/^\[|\]$/g, ''), 'docker', ...there, 'system', 'dial-stdio']
}

/** ssh hands its words to a shell at the other end. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** Once something has come, the connection is made. */
function forgetAfter(child: ChildProcess, { forget }: SshSecrets): void {
  child.once('close', forget).once('error', forget)
  child.stdout?.once('data', forget)
}

function unsupported(name: string): Error {
  return failure({
    code: 'SSH_OPTION_UNSUPPORTED',
    kind: 'invalidArgument',
    summary: `Connect by ssh: sshOptions.${name} is not supported`,
    hint: 'the program ssh makes the connection: say it in ~/.ssh/config',
  })
}

function broken(host: string, said: string): Error {
  return failure({
    code: 'SSH_FAILED',
    kind: 'unavailable',
    summary: `Connect to the engine by ssh at "${host}": ${said || 'the connection broke off'}`,
    hint: `check that \`ssh ${host} docker version\` works`,
  })
}
