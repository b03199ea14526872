import { type Cursor, compileRules, type RuleTable } from '../tree/pattern.ts'
import { resolveNumber } from '../yaml/scalar.ts'

/** Types that a text is cast to after interpolation. */
export type Cast = 'boolean' | 'integer' | 'float'

/**
 * The value that a text spells; undefined when it spells none of that type.
 * `yes`, `on`, `no` and `off` are strings to YAML but booleans on boolean attributes.
 */
export function castText(text: string, to: Cast): boolean | number | bigint | undefined {
  switch (to) {
    case 'boolean':
      return castBoolean(text)
    case 'integer':
      return castInteger(text)
    case 'float':
      return /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(text) &&
        Number.isFinite(Number(text))
        ? Number(text)
        : undefined
  }
}

function castInteger(text: string): number | bigint | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined
  const value = resolveNumber(text.replace(/^([-+]?)0+(?=[0-9])/, '$1'))
  return value !== undefined && value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined
}

function castBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase()
  if (['true', 'y', 'yes', 'on'].includes(lower)) return true
  return ['false', 'n', 'no', 'off'].includes(lower) ? false : undefined
}

const SERVICE: RuleTable<Cast> = [
  ['attach', 'boolean'],
  ['build.no_cache', 'boolean'],
  ['build.privileged', 'boolean'],
  ['build.pull', 'boolean'],
  ['build.ulimits.*', 'integer'],
  ['build.ulimits.*.hard', 'integer'],
  ['build.ulimits.*.soft', 'integer'],
  ['blkio_config.weight', 'integer'],
  ['blkio_config.weight_device.[].weight', 'integer'],
  ['cpu_count', 'integer'],
  ['cpu_percent', 'float'],
  ['cpu_period', 'integer'],
  ['cpu_quota', 'integer'],
  ['cpu_rt_period', 'integer'],
  ['cpu_rt_runtime', 'integer'],
  ['cpu_shares', 'integer'],
  ['cpus', 'float'],
  ['depends_on.*.restart', 'boolean'],
  ['depends_on.*.required', 'boolean'],
  ['deploy.placement.max_replicas_per_node', 'integer'],
  ['deploy.replicas', 'integer'],
  ['deploy.resources.limits.pids', 'integer'],
  ['deploy.restart_policy.max_attempts', 'integer'],
  ['deploy.rollback_config.max_failure_ratio', 'float'],
  ['deploy.rollback_config.parallelism', 'integer'],
  ['deploy.update_config.max_failure_ratio', 'float'],
  ['deploy.update_config.parallelism', 'integer'],
  ['develop.watch.[].initial_sync', 'boolean'],
  ['env_file.[].required', 'boolean'],
  ['healthcheck.disable', 'boolean'],
  ['healthcheck.retries', 'integer'],
  ['init', 'boolean'],
  ['networks.*.gw_priority', 'integer'],
  ['networks.*.priority', 'integer'],
  ['oom_kill_disable', 'boolean'],
  ['oom_score_adj', 'integer'],
  ['pids_limit', 'integer'],
  ['ports.[].target', 'integer'],
  ['post_start.[].privileged', 'boolean'],
  ['pre_start.[].per_replica', 'boolean'],
  ['pre_start.[].privileged', 'boolean'],
  ['pre_stop.[].privileged', 'boolean'],
  ['privileged', 'boolean'],
  ['read_only', 'boolean'],
  ['scale', 'integer'],
  ['stdin_open', 'boolean'],
  ['tty', 'boolean'],
  ['ulimits.*', 'integer'],
  ['ulimits.*.hard', 'integer'],
  ['ulimits.*.soft', 'integer'],
  ['use_api_socket', 'boolean'],
  ['volumes.[].bind.create_host_path', 'boolean'],
  ['volumes.[].read_only', 'boolean'],
  ['volumes.[].volume.nocopy', 'boolean'],
]

/** Paths whose text is cast, https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md */
export const CASTS: Cursor<Cast> = compileRules<Cast>([
  ...SERVICE.map(([pattern, cast]) => [`services.*.${pattern}`, cast] as const),
  ['networks.*.external', 'boolean'],
  ['networks.*.internal', 'boolean'],
  ['networks.*.attachable', 'boolean'],
  ['networks.*.enable_ipv4', 'boolean'],
  ['networks.*.enable_ipv6', 'boolean'],
  ['volumes.*.external', 'boolean'],
  ['secrets.*.external', 'boolean'],
  ['configs.*.external', 'boolean'],
])
