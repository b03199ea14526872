import {
  bytes,
  flag,
  listOf,
  recordOf,
  type Shape,
  type Struct,
  strings,
  struct,
  text,
  texts,
  variables,
} from './shape.ts'

export const ulimits: Shape = recordOf({ type: 'ulimit' })

/** `services.*.configs[]`, `services.*.secrets[]`, `services.*.build.secrets[]` */
export const FILE_REFERENCE: Struct = struct(
  'FileReference',
  'A secret or config as a service or a build mounts it.',
  ['source', text, { required: true }],
  [
    'target',
    text,
    {
      note: 'Absolute path in the container for services (`/run/secrets/<source>` by default); an id for builds.',
    },
  ],
  ['uid', text],
  ['gid', text],
  ['mode', { type: 'mode' }, { note: 'Octal text, `"0440"`.' }],
)

/** `services.*.build` */
export const BUILD: Struct = struct(
  'Build',
  '`services.*.build`: how an image is made.',
  [
    'context',
    text,
    {
      note: 'Absolute folder, or a URL; absent where a variable left it blank: such a service cannot be built.',
    },
  ],
  ['dockerfile', text, { note: 'Relative to the context, or absolute.' }],
  ['dockerfile_inline', text],
  ['entitlements', texts],
  ['args', variables],
  ['provenance', text],
  ['sbom', text],
  ['ssh', texts],
  ['labels', strings],
  ['cache_from', texts],
  ['cache_to', texts],
  ['no_cache', flag],
  ['no_cache_filter', texts],
  ['additional_contexts', strings, { note: 'Folder, URL, `docker-image://…` or `service:X` by name.' }],
  ['pull', flag],
  ['extra_hosts', { type: 'hosts' }],
  ['isolation', text],
  ['network', text],
  ['target', text],
  ['secrets', listOf(FILE_REFERENCE)],
  ['shm_size', bytes],
  ['tags', texts],
  ['ulimits', ulimits],
  ['platforms', texts],
  ['privileged', flag],
)
