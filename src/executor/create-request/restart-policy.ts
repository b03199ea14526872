import type { RestartPolicy } from '../../api/types/index.ts'
import type { Service } from '../../model/index.ts'
import { type RequestInput, unsupported } from './input.ts'

const CONDITIONS: Readonly<Record<string, RestartPolicy['Name']>> = {
  none: 'no',
  no: 'no',
  'on-failure': 'on-failure',
  'unless-stopped': 'unless-stopped',
  any: 'always',
  always: 'always',
}

/**
 * `deploy.restart_policy` wins over `restart` as a whole; without a condition it restarts nothing (as Docker Compose). To be
 * restarted when unhealthy goes with each of them.
 */
export function restartPolicy(input: RequestInput): RestartPolicy | undefined {
  const { service } = input.operation
  const policy = policyOf(service)
  if (service['x-tscompose']?.restart_unhealthy !== true) return policy
  if (input.foreignEngine === true)
    input.warn(
      unsupported(
        input,
        ['x-tscompose', 'restart_unhealthy'],
        'only our own engine restarts what has become unhealthy',
      ),
    )
  return { ...(policy ?? { Name: 'no' }), TscomposeUnhealthy: true }
}

function policyOf({ restart, deploy }: Service): RestartPolicy | undefined {
  const policy = deploy?.restart_policy
  if (policy !== undefined) {
    const name = CONDITIONS[policy.condition ?? 'none'] ?? 'no'
    return {
      Name: name,
      ...(name === 'on-failure' && policy.max_attempts !== undefined
        ? { MaximumRetryCount: policy.max_attempts }
        : {}),
    }
  }
  if (restart === undefined) return undefined
  const [name = '', count] = restart.split(':')
  return {
    Name: CONDITIONS[name] ?? 'no',
    ...(count === undefined ? {} : { MaximumRetryCount: Number(count) }),
  }
}
