import type { AttributeCase, RefusedCase } from './case.ts'

const UPDATE = {
  parallelism: 1,
  delay: '1s',
  failure_action: 'pause',
  monitor: '1s',
  max_failure_ratio: 0.5,
  order: 'start-first',
}
const notApplied = (service: string, ...names: readonly string[]): string[] =>
  names.map(name => `ATTRIBUTE_NOT_APPLIED .*services.${service}.${name}`)

/** What has no effect and is said to have none. */
export const IN_VAIN: readonly AttributeCase[] = [
  {
    service: 'windows',
    shows: ['cpu_count', 'cpu_percent', 'credential_spec.file'],
    attributes: { cpu_count: 1, cpu_percent: 50, credential_spec: { file: 'x' } },
    warns: notApplied('windows', 'cpu_count', 'cpu_percent', 'credential_spec'),
  },
  {
    service: 'later',
    shows: ['use_api_socket', 'models.*.endpoint_var', 'models.*.model_var', 'pull_refresh_after'],
    attributes: {
      use_api_socket: true,
      models: { llm: { endpoint_var: 'URL', model_var: 'NAME' } },
      pull_refresh_after: '1h',
    },
    top: { models: { llm: { model: 'ai/small' } } },
    warns: notApplied('later', 'use_api_socket', 'models', 'pull_refresh_after'),
  },
  {
    service: 'provided',
    shows: ['provider.type', 'provider.options'],
    attributes: {},
    beside: { cloud: { provider: { type: 'cloud', options: { size: 'big' } } } },
    warns: ['service "cloud" is left out'],
  },
  {
    service: 'clustered',
    shows: [
      'deploy.endpoint_mode',
      ...Object.keys(UPDATE).map(each => `deploy.rollback_config.${each}`),
      'deploy.resources.reservations.cpus',
      'deploy.resources.reservations.generic_resources.discrete_resource_spec.kind',
      'deploy.resources.reservations.generic_resources.discrete_resource_spec.value',
      'deploy.restart_policy.delay',
      'deploy.restart_policy.window',
      'deploy.placement.constraints',
      'deploy.placement.preferences.spread',
      'deploy.placement.max_replicas_per_node',
      'deploy.mode',
    ],
    attributes: {
      deploy: {
        mode: 'global',
        endpoint_mode: 'dnsrr',
        rollback_config: UPDATE,
        resources: {
          reservations: {
            cpus: '0.1',
            generic_resources: [{ discrete_resource_spec: { kind: 'ssd', value: 1 } }],
          },
        },
        restart_policy: { condition: 'any', delay: '1s', window: '2s' },
        placement: {
          constraints: ['node.role == manager'],
          preferences: [{ spread: 'node.labels.zone' }],
          max_replicas_per_node: 1,
        },
      },
    },
    warns: [
      ...notApplied('clustered', 'deploy.endpoint_mode', 'deploy.rollback_config'),
      ...notApplied('clustered', 'deploy.resources.reservations.cpus', 'deploy.placement', 'deploy.mode'),
      ...notApplied('clustered', 'deploy.resources.reservations.generic_resources'),
      ...notApplied('clustered', 'deploy.restart_policy.delay', 'deploy.restart_policy.window'),
    ],
  },
  {
    service: 'optioned',
    shows: ['networks.*.driver_opts'],
    attributes: { networks: { inner: { driver_opts: { 'com.example.unknown': '1' } } } },
    warns: ['ENGINE_WARNING services.optioned: .*com.example.unknown'],
  },
]

/** What is refused, before anything is made. */
export const REFUSED: readonly RefusedCase[] = [
  { shows: ['isolation'], attributes: { isolation: 'hyperv' }, code: 'ISOLATION_INVALID' },
  { shows: ['storage_opt'], attributes: { storage_opt: { size: '1G' } }, code: 'STORAGE_OPTION' },
  { shows: ['runtime'], attributes: { runtime: 'kata' }, code: 'RUNTIME_UNKNOWN' },
  {
    shows: ['capabilities', 'count', 'driver', 'options'].map(name => `gpus.${name}`),
    attributes: { gpus: [{ count: 1, capabilities: ['utility'], driver: 'nvidia', options: { a: 'b' } }] },
    code: 'DEVICE_DRIVER',
  },
  {
    shows: ['capabilities', 'device_ids', 'driver', 'options'].map(
      name => `deploy.resources.reservations.devices.${name}`,
    ),
    attributes: {
      deploy: {
        resources: {
          reservations: {
            devices: [{ capabilities: ['gpu'], device_ids: ['0'], driver: 'nvidia', options: { a: 'b' } }],
          },
        },
      },
    },
    code: 'DEVICE_DRIVER',
  },
  { shows: ['platform'], attributes: { platform: 'linux/s390x' }, code: 'IMAGE_PLATFORM' },
  { shows: ['pull_policy'], attributes: { image: 'nowhere', pull_policy: 'never' }, code: 'IMAGE_NOT_FOUND' },
]
