/** What Docker puts into every environment when the image and the user do not. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface EnvironmentOptions {
  /** Absent where the process is not to be told it, as in a build. */
  readonly hostname?: string
  readonly home: string
  readonly tty: boolean
  /** `NAME=value` of image and container, in order; a name without `=` is dropped. */
  readonly env: readonly string[]
}

/**
 * The complete environment of a process, by Docker's order: PATH, HOSTNAME, TERM with a tty, then what was given,
 * and HOME last when nobody set it. A later entry of a name replaces an earlier one in its place.
 */
export function defaultEnvironment(options: EnvironmentOptions): string[] {
  const byName = new Map<string, string>()
  byName.set('PATH', DEFAULT_PATH)
  if (options.hostname !== undefined) byName.set('HOSTNAME', options.hostname)
  if (options.tty) byName.set('TERM', 'xterm')
  for (const entry of options.env) {
    const equals = entry.indexOf('=')
    if (equals > 0) byName.set(entry.slice(0, equals), entry.slice(equals + 1))
  }
  if (!byName.get('HOME')) byName.set('HOME', options.home)
  return [...byName].map(([name, value]) => `${name}=${value}`)
}
