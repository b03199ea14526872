import { type Diagnostic, Failure } from '../../diagnostics/index.ts'
import type { Path, Project, Service } from '../../model/index.ts'
import { located } from './located.ts'
import type { SelectedService } from './service-set.ts'

/** A word of the file that means nothing: where it stands, and what may stand there. */
interface Problem {
  readonly code: string
  readonly path: Path
  readonly got: string
  readonly want: string
}

type Check = (service: Service) => readonly Problem[]

const RESTART_WORDS = ['no', 'none', 'always', 'any', 'unless-stopped', 'on-failure', '']

/**
 * Words that the loader lets pass, as Docker Compose's does, and that an engine refuses or takes for something else: the
 * file is refused before anything is done, all of them at once. Errors: RESTART_INVALID, ISOLATION_INVALID,
 * PROPAGATION_INVALID.
 */
export function checkWords(project: Project, services: readonly SelectedService[]): void {
  const problems = services.flatMap(({ name, service }) =>
    CHECKS.flatMap(check => check(service)).map(problem => diagnosticOf(project, name, problem)),
  )
  if (problems.length > 0) throw new Failure('invalidArgument', problems)
}

/** `on-failure:3`; the policy of `deploy` stands in its place as a whole. */
const restart: Check = ({ restart: text = '', deploy }) => {
  if (deploy?.restart_policy !== undefined) return []
  const [word = '', count] = text.split(/:(.*)/s)
  const isCounted = count !== undefined && !/^0*$/.test(count)
  const isRight =
    RESTART_WORDS.includes(word) && (!isCounted || (word === 'on-failure' && /^\d+$/.test(count)))
  const want = 'no, always, on-failure, on-failure:<number> or unless-stopped'
  return isRight ? [] : [{ code: 'RESTART_INVALID', path: ['restart'], got: text, want }]
}

const deployed: Check = ({ deploy }) => {
  const policy = deploy?.restart_policy
  if (policy === undefined) return []
  const { condition = '', max_attempts: attempts } = policy
  const code = 'RESTART_INVALID'
  const path = ['deploy', 'restart_policy']
  if (!RESTART_WORDS.includes(condition))
    return [{ code, path: [...path, 'condition'], got: condition, want: 'none, on-failure or any' }]
  if (attempts === undefined || Number(attempts) === 0 || condition === 'on-failure') return []
  const want = 'none, or "condition: on-failure": no other one counts'
  return [{ code, path: [...path, 'max_attempts'], got: String(attempts), want }]
}

const isolation: Check = ({ isolation: word = '' }) =>
  word === '' || word === 'default'
    ? []
    : [{ code: 'ISOLATION_INVALID', path: ['isolation'], got: word, want: 'default, all that Linux has' }]

const PROPAGATIONS = ['', 'private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']

const propagation: Check = ({ volumes = [] }) =>
  volumes.flatMap(({ bind }, index) => {
    const got = bind?.propagation ?? ''
    if (PROPAGATIONS.includes(got)) return []
    const path = ['volumes', index, 'bind', 'propagation']
    return [
      { code: 'PROPAGATION_INVALID', path, got, want: 'private, shared or slave, or one of them with r' },
    ]
  })

const CHECKS: readonly Check[] = [restart, deployed, isolation, propagation]

function diagnosticOf(project: Project, service: string, { code, path, got, want }: Problem): Diagnostic {
  return {
    ...located(project, ['services', service, ...path]),
    code,
    summary: `got "${got}", want ${want}`,
  }
}
