import { closeSync, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { errnoOf, Failure, failure } from '../diagnostics/index.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a settings file may set; all else is the command's own business. */
const PATHS: readonly string[] = ['TSCOMPOSE_ROOT', 'TSCOMPOSE_RUN']
const SETTINGS: readonly string[] = [
  ...PATHS,
  'TSCOMPOSE_ASK_REGISTRIES',
  'TSCOMPOSE_DEPLOY_TO',
  'TSCOMPOSE_IMAGES_MAX',
  'TSCOMPOSE_PUBLISH',
  'TSCOMPOSE_USERNS',
  'TSCOMPOSE_KEEP_PACKED',
  'TSCOMPOSE_OWN_CLOCKS',
  'TSCOMPOSE_LOCAL_NAMES',
]

/** The machine's settings, then the user's, which win. */
export function settingsFiles(env: Environment): readonly string[] {
  const folder = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config')
  return ['/etc/tscompose.env', join(folder, 'tscompose', 'env')]
}

/**
 * The environment with what the settings files say beneath it: a variable that is set already wins. Raises
 * SETTINGS_UNSAFE for a file that another user could have written, SETTING_UNKNOWN, SETTINGS_UNREADABLE.
 */
export async function withSettings(
  env: Environment,
  files: readonly string[] = settingsFiles(env),
): Promise<Environment> {
  const texts = files.flatMap(file => {
    const text = readSettings(file)
    return text === undefined ? [] : [{ file, text }]
  })
  if (texts.length === 0) return env
  // Few machines have such a file, and every command would pay for the package.
  const { default: dotenv } = await import('dotenv')
  const settings = texts.map(({ file, text }) => {
    const values = dotenv.parse(text)
    checkNames(file, text, Object.keys(values))
    checkPaths(file, text, values)
    return values
  })
  return { ...Object.assign({}, ...settings), ...env }
}

/** The text of a file; undefined where there is none. The file that is checked is the one that is read. */
function readSettings(file: string): string | undefined {
  let fd: number
  try {
    // Few machines have one, and an error for it would take longer to make than the look takes.
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined
    fd = openSync(file, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    throw unreadable(file, error)
  }
  try {
    const stats = fstatSync(fd)
    if (!isOurs(stats)) throw unsafe(file)
    return readFileSync(fd, 'utf8')
  } catch (error) {
    throw error instanceof Failure ? error : unreadable(file, error)
  } finally {
    closeSync(fd)
  }
}

/** The engine runs as root where these files say: nobody else may have a hand in that. */
function isOurs({ uid, mode }: Stats): boolean {
  return (uid === 0 || uid === process.geteuid?.()) && (mode & 0o022) === 0
}

/** The engine has another working folder than the command: a path must mean the same to both. */
function checkPaths(file: string, text: string, values: Readonly<Record<string, string>>): void {
  const relative = Object.entries(values).filter(
    ([name, path]) => PATHS.includes(name) && path !== '' && !path.startsWith('/'),
  )
  if (relative.length === 0) return
  const diagnostics = relative.map(([name, path]) => ({
    severity: 'error' as const,
    code: 'SETTING_PATH',
    summary: `${file}:${lineOf(text, name)}: write an absolute path for ${name}, got "${path}"`,
  }))
  throw new Failure('invalidArgument', diagnostics)
}

function lineOf(text: string, name: string): number {
  const lines = text.split('\n')
  return lines.findIndex(each => new RegExp(`^\\s*(?:export\\s+)?${name}\\b`).test(each)) + 1
}

function checkNames(file: string, text: string, names: readonly string[]): void {
  const unknown = names.filter(name => !SETTINGS.includes(name))
  if (unknown.length === 0) return
  const diagnostics = unknown.map(name => ({
    severity: 'error' as const,
    code: 'SETTING_UNKNOWN',
    summary: `${file}:${lineOf(text, name)}: "${name}" is no setting`,
    hint: `settings are ${SETTINGS.join(', ')}`,
  }))
  throw new Failure('invalidArgument', diagnostics)
}

function unsafe(file: string): Error {
  return failure({
    code: 'SETTINGS_UNSAFE',
    kind: 'unauthorized',
    summary: `settings file ${file} belongs to another user, or others may write to it`,
    hint: `chown root ${file} and chmod go-w ${file}, or remove it`,
  })
}

function unreadable(file: string, cause: unknown): Error {
  return failure({
    code: 'SETTINGS_UNREADABLE',
    kind: 'invalidArgument',
    summary: `settings file ${file} cannot be read`,
    hint: 'mend its permissions, or remove it',
    cause,
  })
}
