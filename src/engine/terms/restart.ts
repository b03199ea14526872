import type { RestartPolicy } from '../../native/index.ts'
import type { Term } from './term.ts'

const POLICIES: readonly string[] = ['', 'no', 'always', 'unless-stopped', 'on-failure']

/** What happens when the container ends by itself. */
export interface RestartTerms {
  readonly policy: RestartPolicy
  /** Most restarts; 0 is no limit. */
  readonly most: number
  /** A run that has become unhealthy is ended, and another follows; `most` holds for these, too. */
  readonly unhealthy: boolean
  /** It is removed with its anonymous volumes. */
  readonly removed: boolean
}

type Own = 'RestartPolicy' | 'AutoRemove'

/** RESTART_INVALID. */
export const restartTerm: Term<Own, RestartTerms> = {
  fields: { RestartPolicy: true, AutoRemove: true },
  path: 'HostConfig.RestartPolicy',
  read: ({ RestartPolicy: { Name, MaximumRetryCount = 0, TscomposeUnhealthy } = {}, AutoRemove }) => ({
    policy: Name || 'no',
    most: MaximumRetryCount,
    unhealthy: TscomposeUnhealthy === true,
    removed: AutoRemove === true,
  }),
  check: (
    { RestartPolicy: { Name = '', MaximumRetryCount = 0, TscomposeUnhealthy } = {}, AutoRemove },
    problems,
  ) => {
    const wrong = (field: string, rule: string, summary: string): void =>
      problems.add('RESTART_INVALID', field, summary, { facts: { rule, policy: Name } })
    if (!POLICIES.includes(Name))
      wrong('HostConfig.RestartPolicy', 'unknown', `policy "${Name}" does not exist`)
    if (MaximumRetryCount < 0)
      wrong('HostConfig.RestartPolicy', 'negative', 'a maximum retry count is not negative')
    if (MaximumRetryCount > 0 && Name !== 'on-failure')
      wrong('HostConfig.RestartPolicy', 'count', 'a maximum retry count goes with on-failure only')
    if (AutoRemove === true && TscomposeUnhealthy === true)
      wrong('HostConfig.AutoRemove', 'auto-remove', 'cannot be combined with a restart when unhealthy')
    if (AutoRemove === true && Name !== '' && Name !== 'no')
      wrong('HostConfig.AutoRemove', 'auto-remove', `cannot be combined with restart policy "${Name}"`)
  },
}

/** The policy in the monitor's terms; of its restarts, `before` have been used up by other monitors. */
export function restartOf(
  { policy, most }: Pick<RestartTerms, 'policy' | 'most'>,
  before: number = 0,
): { readonly restart: RestartPolicy; readonly restartMax: number } {
  // For the monitor, 0 is no limit.
  if (most > 0 && before >= most) return { restart: 'no', restartMax: 0 }
  return { restart: policy, restartMax: Math.max(0, most - before) }
}
