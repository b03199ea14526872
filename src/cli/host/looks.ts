/** Commands that change nothing, by their names. */
export const LOOKS: readonly string[] = [
  ...[
    'ps',
    'top',
    'images',
    'volumes',
    'ls',
    'port',
    'version',
    'config',
    'convert',
    'explain',
    'lint',
    'plan',
  ],
  ...[
    'schema',
    'image ls',
    'image list',
    'image inspect',
    'image history',
    'system df',
    'alpha viz',
    'complete',
  ],
]

/** As much of these as can be asked of words that nobody has read yet: none of them is a command that changes something alone. */
const FIRST_WORDS: ReadonlySet<string> = new Set([
  'logs',
  'stats',
  ...LOOKS.map(name => name.split(' ')[0] ?? ''),
])

/** Whether a command line may be of one that changes nothing. The worker that gets it knows, and sends away what is not. */
export function mayLook(words: readonly string[]): boolean {
  return words.some(word => FIRST_WORDS.has(word))
}
