import { SERVICE } from './service.ts'
import {
  flag,
  integer,
  listOf,
  recordOf,
  type Struct,
  strings,
  struct,
  text,
  texts,
  triState,
} from './shape.ts'

const ipam = struct(
  ['driver', text],
  [
    'config',
    listOf(struct(['subnet', text], ['gateway', text], ['ip_range', text], ['aux_addresses', strings])),
  ],
  ['options', strings],
)

const network = struct(
  ['name', text],
  ['driver', text],
  ['driver_opts', strings],
  { name: 'ipam', shape: ipam, jsonDefault: {}, yamlOmitsEmpty: true, keepsEmpty: true },
  ['external', flag],
  ['internal', flag],
  ['attachable', flag],
  ['labels', strings],
  ['enable_ipv4', triState],
  ['enable_ipv6', triState],
)

const volume = struct(
  ['name', text],
  ['driver', text],
  ['driver_opts', strings],
  ['external', flag],
  ['labels', strings],
)

const fileObject = struct(
  ['name', text],
  ['file', text],
  ['environment', text],
  ['content', { type: 'text', keepEmpty: true }],
  ['external', flag],
  ['labels', strings],
  ['driver', text],
  ['driver_opts', strings],
  ['template_driver', text],
)

const model = struct(['name', text], ['model', text], ['context_size', integer], ['runtime_flags', texts])

/** The whole canonical model. */
export const PROJECT: Struct = struct(
  ['name', text],
  ['services', recordOf(SERVICE)],
  ['networks', recordOf(network)],
  ['volumes', recordOf(volume)],
  ['secrets', recordOf(fileObject)],
  ['configs', recordOf(fileObject)],
  ['models', recordOf(model)],
)
