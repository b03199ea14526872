import { failure } from '../diagnostics/index.ts'
import { handlingOf } from './if-lost/handling.ts'

/** Commands that change something, and say what with `--dry-run` in place of it. */
const SHOWS: readonly string[] = [
  ...['up', 'down', 'create', 'scale', 'start', 'stop', 'restart', 'kill', 'pause', 'unpause', 'rm', 'wait'],
  ...['run', 'exec', 'attach', 'build', 'pull', 'push', 'publish', 'alpha publish', 'cp', 'export', 'commit'],
  ...['snapshot save', 'snapshot restore', 'snapshot rm', 'deploy', 'deploy scale', 'deploy down', 'doctor'],
  ...['convert kubernetes', 'bridge convert'],
]

/** Commands that change nothing, beside those that `handlingOf` knows for it: they follow something, or are no business of an engine. */
const LOOKS: readonly string[] = [
  ...['logs', 'stats', 'events', 'dns', 'drift', 'deploy plan', 'deploy ps', 'deploy logs', 'completion'],
  ...['alpha generate', 'bridge transformations create', 'bridge transformations list'],
  'bridge transformations ls',
]

/** Commands that change something, and cannot say beforehand what. */
const REFUSES: readonly string[] = [
  ...['watch', 'serve', 'login', 'logout', 'system prune', 'builder prune'],
  ...['image tag', 'image rm', 'image remove', 'image prune', 'image save', 'image load', 'image import'],
]

/** What becomes of a command with `--dry-run`; undefined for one that nobody has thought of. */
export function dryRunOf(name: string): 'shows' | 'looks' | 'refuses' | undefined {
  if (SHOWS.includes(name)) return 'shows'
  if (LOOKS.includes(name) || handlingOf(name, {}) === 'looks') return 'looks'
  return REFUSES.includes(name) ? 'refuses' : undefined
}

/** Raises DRY_RUN_REFUSED for a command that would do its work all the same, or write the file of `--output`. */
export function checkDryRun(name: string, values: Readonly<Record<string, unknown>>): void {
  const how = dryRunOf(name)
  if (how === 'shows' || (how === 'looks' && values['output'] === undefined)) return
  throw failure({
    code: 'DRY_RUN_REFUSED',
    kind: 'invalidArgument',
    summary: how === 'looks' ? `${name} --output writes a file` : `${name} cannot show what it would do`,
    hint: 'nothing was done; leave --dry-run away to do it',
  })
}
