import { flag, oneOf, type Row, type Struct, struct, text, texts, variables, words } from './shape.ts'

const command: Row = ['command', words, { jsonDefault: null }]

/** `services.*.post_start[]`, `services.*.pre_stop[]`, `services.*.develop.watch[].exec` */
export const HOOK: Struct = struct(
  'Hook',
  "A command that runs beside a service's life: `post_start`, `pre_stop`, `develop.watch[].exec`.",
  command,
  ['user', text],
  ['privileged', flag],
  ['working_dir', text],
  ['environment', variables],
)

/** `services.*.pre_start[]` */
export const PRE_START: Struct = struct(
  'PreStartHook',
  '`pre_start[]`: an init container.',
  command,
  ['image', text],
  ['user', text],
  ['privileged', flag],
  ['working_dir', text],
  ['environment', variables],
  ['per_replica', flag],
)

const action = oneOf(
  'WatchAction',
  'What is done when a watched file changes.',
  'sync',
  'rebuild',
  'restart',
  'sync+restart',
  'sync+exec',
)

/** `services.*.develop.watch[]` */
export const WATCH: Struct = struct(
  'WatchRule',
  '`services.*.develop.watch[]`.',
  ['path', text, { required: true }],
  ['action', action, { required: true }],
  ['target', text],
  ['exec', HOOK, { jsonDefault: { command: null } }],
  ['include', texts],
  ['ignore', texts],
  ['initial_sync', flag],
)
