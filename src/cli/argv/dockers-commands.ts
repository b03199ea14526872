/** What Docker's client has beside Compose's commands, and what has its part here. */
const DOCKERS: Readonly<Record<string, string>> = {
  buildx: 'build',
  container: '',
  context: '',
  df: 'system df',
  history: 'image history',
  import: 'image import',
  info: 'doctor',
  inspect: 'image inspect',
  load: 'image load',
  manifest: '',
  network: '',
  node: '',
  plugin: '',
  prune: 'system prune',
  rename: '',
  rmi: 'image rm',
  save: 'image save',
  search: '',
  secret: '',
  service: '',
  stack: '',
  swarm: '',
  tag: 'image tag',
  update: '',
  volume: 'volumes',
}

/** The hint for a command of Docker's client: ours that does the same, else how that client comes to our engine. */
export function hintOfDockers(name: string): string | undefined {
  const [word = ''] = name.split(' ')
  if (!Object.hasOwn(DOCKERS, word)) return undefined
  const ours = DOCKERS[word]
  const client = `docker -H unix:///run/tscompose/engine.sock ${word}`
  return ours
    ? `it is Docker's; here there is ${ours}`
    : `it is Docker's, whose client works with our engine: ${client}`
}
