import { PUBLISH_CHOICE } from './extension.ts'
import { KUBERNETES_PROJECT, KUBERNETES_VOLUME } from './kubernetes.ts'
import { cold, coldBy, hot, only, parts, thing } from './rows.ts'
import { SERVICE } from './service.ts'
import {
  bytes,
  flag,
  float,
  integer,
  listOf,
  recordOf,
  type Shape,
  type Struct,
  strings,
  struct,
  text,
  texts,
  triState,
} from './shape.ts'

const pool = struct(
  'IpamPool',
  'One address pool of a network.',
  ['subnet', text, cold('IPAM.Config.*.Subnet')],
  ['gateway', text, cold('IPAM.Config.*.Gateway')],
  ['ip_range', text, cold('IPAM.Config.*.IPRange')],
  ['aux_addresses', strings, cold('IPAM.Config.*.AuxiliaryAddresses')],
)

const ipam = struct(
  'Ipam',
  'Where addresses of a network come from.',
  ['driver', text, cold('IPAM.Driver')],
  ['config', listOf(pool), parts()],
  ['options', strings, cold('IPAM.Options')],
)

const external = 'True: must exist, is never made or removed.'

/** `networks.*` */
export const NETWORK: Struct = thing(
  'Network',
  'A network of the project; `name` is its name in the engine.',
  ['name', text, only('planner', { required: true })],
  ['driver', text, cold('Driver')],
  ['driver_opts', strings, cold('Options')],
  ['ipam', ipam, parts({ required: true, jsonDefault: {}, yamlOmitsEmpty: true, keepsEmpty: true })],
  ['external', flag, only('planner', { note: external })],
  ['internal', flag, cold('Internal')],
  ['attachable', flag, cold('Attachable')],
  ['labels', strings, cold('Labels')],
  ['enable_ipv4', triState, cold('EnableIPv4')],
  ['enable_ipv6', triState, cold('EnableIPv6')],
)

/** `volumes.*` */
export const VOLUME: Struct = thing(
  'Volume',
  'A named volume of the project; `name` is its name in the engine.',
  ['name', text, only('planner', { required: true })],
  ['driver', text, cold('Driver', { open: true })],
  ['driver_opts', strings, cold('DriverOpts')],
  ['external', flag, only('planner', { note: external })],
  ['labels', strings, cold('Labels', { open: true })],
  ['x-tscompose-kubernetes', KUBERNETES_VOLUME, parts()],
)

/** Of what is mounted from them a path is in the hash of who mounts it, a content among its secret values. */
function fileObject(name: string, about: string): Struct {
  const content: Shape = { type: 'text', keepEmpty: true }
  return thing(
    name,
    about,
    ['name', text, only('planner', { required: true })],
    ['file', text, cold('HostConfig.Mounts', { note: 'Absolute path.' })],
    ['environment', text, only('loader', { note: 'Name of a variable.' })],
    [
      'content',
      content,
      coldBy('start', {
        note: 'Inline, or the value of `environment`, never printed; absent where the variable is not set.',
      }),
    ],
    ['external', flag, only('planner', { note: external })],
    ['labels', strings, only('cluster')],
    ['driver', text, only('planner')],
    ['driver_opts', strings, only('cluster')],
    ['template_driver', text, only('cluster')],
  )
}

const secret = fileObject(
  'Secret',
  'A secret: its bytes come from exactly one of file and environment, unless it is external.',
)

const config = fileObject(
  'Config',
  'A config: its bytes come from exactly one of file, environment and content, unless it is external.',
)

const MODELS = 'models are not supported yet'

const languageModel = thing(
  'Model',
  'A language model that services use.',
  ['name', text, only('loader', {}, MODELS)],
  ['model', text, only('loader', { required: true }, MODELS)],
  ['context_size', integer, only('loader', {}, MODELS)],
  ['runtime_flags', texts, only('loader', {}, MODELS)],
)

const budget = thing(
  'ProjectBudget',
  'What all containers of a project may use together.',
  ['memory', bytes, hot('HostConfig.TscomposeBudget.Memory')],
  ['cpus', float, hot('HostConfig.TscomposeBudget.NanoCpus')],
  ['pids', integer, hot('HostConfig.TscomposeBudget.PidsLimit')],
)

const extension = thing(
  'ProjectExtension',
  'What tscompose alone knows of a project.',
  ['limits', budget, parts()],
  ['publish', PUBLISH_CHOICE, only('planner')],
)

/** The whole canonical model. */
export const PROJECT: Struct = struct(
  'ComposeModel',
  'What `config --format json` prints: the canonical model.',
  ['name', text, { required: true }],
  [
    'services',
    recordOf(SERVICE),
    { required: true, note: 'Enabled and selected services with what they depend on.' },
  ],
  ['networks', recordOf(NETWORK)],
  ['volumes', recordOf(VOLUME)],
  ['secrets', recordOf(secret)],
  ['configs', recordOf(config)],
  ['models', recordOf(languageModel)],
  ['x-tscompose', extension],
  ['x-tscompose-kubernetes', KUBERNETES_PROJECT],
)
