/** Commands that change nothing, by their names. */
export const LOOKS: readonly string[] = [
  ...[
    'ps',
    'top',
    'egress',
    'images',
    'volumes',
    'ls',
    'port',
    'version',
    'config',
    'convert',
    'explain',
    'lint',
  ],
  ...['plan', 'schema', 'image ls', 'image list', 'image inspect', 'image history', 'system df', 'alpha viz'],
  'complete',
]

/** Commands that lead to a state, and to the same one where they are begun anew in the middle. */
export const LEADS: readonly string[] = [
  ...['down', 'create', 'scale', 'start', 'stop', 'restart', 'rm', 'build', 'pull', 'push'],
  ...['image tag', 'image prune', 'image save', 'image load', 'system prune', 'builder prune', 'export'],
  // Until what they run has started: then they say themselves what is to be done.
  ...['exec', 'run', 'attach'],
]

/** Commands that fail, or do more than was asked, where they are begun anew and were done. */
export const ONCE: readonly string[] = [
  ...['pause', 'unpause', 'image rm', 'image remove', 'image import', 'commit'],
  // A folder is copied to a name that is free, or into the folder that the time before made.
  'cp',
]

/** Commands that are never run by the host, as their first words say: they live long, or are about their own process. */
const NEVER: ReadonlySet<string> = new Set([
  'serve',
  'watch',
  'events',
  'dns',
  'wait',
  'login',
  'logout',
  'doctor',
])

/** Whether a command line may be of one that is run by the host, as far as can be told without reading it. The worker that gets it knows. */
export function mayBeWarm([first = '']: readonly string[]): boolean {
  return !NEVER.has(first)
}
