/** Commands that change nothing, by their names. */
const LOOKS: readonly string[] = [
  ...['ps', 'top', 'egress', 'images', 'volumes', 'ls', 'port', 'version', 'config', 'convert', 'explain'],
  ...['lint', 'plan', 'schema', 'image ls', 'image list', 'image inspect', 'image history', 'system df'],
  ...['alpha viz', 'complete', 'snapshot ls'],
]

/** Commands that lead to a state, and to the same one where they are begun anew in the middle. */
const LEADS: readonly string[] = [
  ...['down', 'create', 'scale', 'start', 'stop', 'restart', 'rm', 'build', 'pull', 'push'],
  ...['convert kubernetes', 'bridge convert'],
  ...['image tag', 'image prune', 'image save', 'image load', 'system prune', 'builder prune', 'export'],
  'snapshot restore',
  // Until what they run has started: then they say themselves what is to be done.
  ...['exec', 'run', 'attach'],
]

/** Commands that fail, or do more than was asked, where they are begun anew and were done. */
const ONCE: readonly string[] = [
  ...['pause', 'unpause', 'image rm', 'image remove', 'image import', 'commit'],
  ...['snapshot save', 'snapshot rm'],
  // A folder is copied to a name that is free, or into the folder that the time before made.
  'cp',
]

/**
 * What becomes of a command whose engine is lost, also where the engine runs it itself. `looks`: it changes nothing, and is begun
 * anew unless it has written anything. `leads`: it is begun anew, whatever it has told of its progress, unless it has read input or
 * given out anything. `once`: whoever typed it is told. `cold`: it sees to it by itself, and is always run by a process of its own.
 */
export type Handling = 'looks' | 'leads' | 'once' | 'cold'

type Rule = (values: Readonly<Record<string, unknown>>) => Handling

/** What follows something for as long as it lives goes on with the next engine where one is lost, which takes a process of its own. */
const BY_OPTIONS: Readonly<Record<string, Rule>> = {
  logs: ({ follow }) => (follow === true ? 'cold' : 'looks'),
  stats: ({ noStream }) => (noStream === true ? 'looks' : 'cold'),
  // A plan that was begun is of another state.
  up: ({ detach, wait, plan }) =>
    detach !== true && wait !== true ? 'cold' : plan === undefined ? 'leads' : 'once',
  // A process that is dead stays so; another signal it may have heard already.
  kill: ({ signal }) => (signal === undefined ? 'leads' : 'once'),
}

/** All others, `serve`, `watch`, `events`, `wait`, `login` and `doctor` among them, live long, or are about their own process. */
export function handlingOf(name: string, values: Readonly<Record<string, unknown>>): Handling {
  if (values['watch'] === true) return 'cold'
  const rule = BY_OPTIONS[name]
  if (rule !== undefined) return rule(values)
  if (LOOKS.includes(name)) return 'looks'
  if (LEADS.includes(name)) return 'leads'
  return ONCE.includes(name) ? 'once' : 'cold'
}
