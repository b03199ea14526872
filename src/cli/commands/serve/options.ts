import { homedir } from 'node:os'
import { join } from 'node:path'
import { failure } from '../../../diagnostics/index.ts'
import type { ScopedSocket, ServeRequest } from '../../../project/serve/serve.ts'
import type { CommandContext } from '../../command.ts'
import { flag, list, type Option, type OptionValues, text } from '../../option.ts'

/** The options of `serve`; those of TLS are dockerd's. */
export const OPTIONS: {
  readonly host: Option<readonly string[]>
  readonly socket: Option<readonly string[]>
  readonly project: Option<readonly string[]>
  readonly readOnly: Option<boolean>
  readonly showEnv: Option<boolean>
  readonly group: Option<string | undefined>
  readonly tlsVerify: Option<boolean>
  readonly tlsCaCert: Option<string | undefined>
  readonly tlsCert: Option<string | undefined>
  readonly tlsKey: Option<string | undefined>
  readonly loopbackWithoutTls: Option<boolean>
} = {
  host: list('-H, --host <address>', 'Give the whole API at unix:///PATH, tcp://HOST:PORT or fd://[NAME]'),
  socket: list(
    '--socket <file>',
    'Give a part of the API at a socket; FILE,project=NAME,read-only,show-env says which for this one',
  ),
  project: list('--project <name>', 'What --socket gives: a project, or several'),
  readOnly: flag('--read-only', 'What --socket gives: nothing that changes anything'),
  showEnv: flag('--show-env', 'What --socket gives: values of variables and command lines, too'),
  group: text('--group <group>', 'Let a group use the sockets: who is in it is root on this machine'),
  tlsVerify: flag('--tlsverify', 'TCP with TLS, for clients with a certificate of the authority'),
  tlsCaCert: text('--tlscacert <file>', 'The authority, in PEM (ca.pem in DOCKER_CERT_PATH or ~/.docker)'),
  tlsCert: text('--tlscert <file>', 'The certificate of this machine (cert.pem)'),
  tlsKey: text('--tlskey <file>', 'Its key (key.pem)'),
  loopbackWithoutTls: flag(
    '--loopback-without-tls',
    'TCP at 127.0.0.1 or ::1 without TLS: every user of this machine is root then',
  ),
}

type Given = OptionValues<typeof OPTIONS>

/** What was asked for. Errors: FLAG_VALUE, FLAG_CONFLICT. */
export function requestOf(
  { env }: Pick<CommandContext, 'env'>,
  options: Given,
): Omit<ServeRequest, 'onListening' | 'onTrouble' | 'signal'> {
  const { host, socket, group, loopbackWithoutTls } = options
  if (socket.length === 0 && (options.project.length > 0 || options.readOnly || options.showEnv))
    throw flagConflict('--project, --read-only and --show-env are about --socket; -H gives the whole API')
  const tls = tlsOf(env, options)
  return {
    hosts: host,
    sockets: socket.map(each => scopedSocket(each, options)),
    loopbackWithoutTls,
    ...(group === undefined ? {} : { group }),
    ...(tls === undefined ? {} : { tls }),
  }
}

/** `FILE`, with what the flags say, or `FILE,project=a,project=b,read-only,show-env`, which stands for itself. */
function scopedSocket(value: string, flags: Given): ScopedSocket {
  const [path = '', ...words] = value.split(',')
  const scope = words.length === 0 ? ofFlags(flags) : ofWords(value, words)
  if (scope.projects.length > 0 || scope.readOnly) return { path, ...scope }
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `--socket ${value}: say what is given there, by --project or --read-only`,
    hint: `the whole API is given by -H unix://${path}`,
  })
}

function ofFlags({ project, readOnly, showEnv }: Given): Omit<ScopedSocket, 'path'> {
  return { projects: project, readOnly, showEnv }
}

function ofWords(value: string, words: readonly string[]): Omit<ScopedSocket, 'path'> {
  const projects = words.flatMap(word => (word.startsWith('project=') ? [word.slice('project='.length)] : []))
  const rest = words.filter(word => !word.startsWith('project='))
  const strange = rest.find(word => word !== 'read-only' && word !== 'show-env')
  if (strange === undefined && !projects.includes(''))
    return { projects, readOnly: rest.includes('read-only'), showEnv: rest.includes('show-env') }
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `--socket ${value}: got "${strange ?? 'project='}", want project=NAME, read-only or show-env`,
  })
}

function tlsOf(env: CommandContext['env'], options: Given): ServeRequest['tls'] {
  const { tlsVerify, tlsCaCert, tlsCert, tlsKey } = options
  const named = [tlsCaCert, tlsCert, tlsKey].some(each => each !== undefined)
  if (!tlsVerify) {
    if (!named) return undefined
    throw flagConflict(
      '--tlscacert, --tlscert and --tlskey want --tlsverify: TLS without it lets everybody in',
    )
  }
  const folder = env['DOCKER_CERT_PATH'] || join(env['HOME'] || homedir(), '.docker')
  return {
    ca: tlsCaCert ?? join(folder, 'ca.pem'),
    cert: tlsCert ?? join(folder, 'cert.pem'),
    key: tlsKey ?? join(folder, 'key.pem'),
  }
}

function flagConflict(summary: string): Error {
  return failure({ code: 'FLAG_CONFLICT', kind: 'invalidArgument', summary })
}
