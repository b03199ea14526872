import { bytes, flag, oneOf, type Struct, strings, struct, text, triState } from './shape.ts'

const mountType = oneOf(
  'MountType',
  'Kinds of mounts that a service may ask for.',
  'bind',
  'volume',
  'tmpfs',
  'image',
  'npipe',
  'cluster',
)

const recursion = oneOf(
  'BindRecursion',
  'What becomes of the mounts below a bind mount.',
  'enabled',
  'disabled',
  'writable',
  'readonly',
)

const bind = struct(
  'BindOptions',
  'Options of a bind mount.',
  ['selinux', text],
  ['propagation', text],
  [
    'create_host_path',
    triState,
    {
      note: 'False: a missing source is an error; else it becomes a folder, in the short and in the long form.',
    },
  ],
  ['recursive', recursion],
)

const volume = struct(
  'VolumeOptions',
  'Options of a volume mount.',
  ['labels', strings],
  ['nocopy', flag],
  ['subpath', text],
)

const tmpfs = struct(
  'TmpfsOptions',
  'Options of a tmpfs mount.',
  ['size', bytes],
  ['mode', { type: 'permissions' }, { note: 'Permission bits as a number.' }],
)

const image = struct('ImageOptions', 'Options of an image mount.', ['subpath', text])

/** `services.*.volumes[]` */
export const MOUNT: Struct = struct(
  'Mount',
  '`services.*.volumes[]` in long form.',
  ['type', mountType, { required: true }],
  [
    'source',
    text,
    {
      note: 'Absolute host path, key of `volumes`, image name; absent for an anonymous volume and tmpfs.',
    },
  ],
  ['target', text, { required: true }],
  ['read_only', flag],
  ['consistency', text],
  ['bind', bind],
  ['volume', volume],
  ['tmpfs', tmpfs],
  ['image', image],
)
