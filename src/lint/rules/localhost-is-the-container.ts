import { hasOwnNetwork } from '../../model/index.ts'
import { type Database, databaseOf } from '../facts/databases.ts'
import { writtenEnvironment } from '../facts/environment.ts'
import { type Finding, type LintContext, perService, type Rule, type Subject } from '../rule.ts'

const ADDRESS =
  /^(?:[a-z]+:)?([a-z0-9]+)(?:\+[a-z0-9]+)?:\/\/(?:[^@/\s]*@)?(?:localhost|127\.0\.0\.1)(?:[:/]|$)/i
const HOST_NAME = /(?:^|_)HOST(?:NAME)?$/
const LOCAL = /^(?:localhost|127\.0\.0\.1)$/

/** LOCALHOST_IS_THE_CONTAINER */
export const localhostIsTheContainer: Rule = {
  code: 'LOCALHOST_IS_THE_CONTAINER',
  severity: 'warning',
  about: 'A service looks for a database at localhost, and another service runs it',
  find: context => {
    const databases = databasesIn(context)
    return databases.length === 0 ? [] : perService(subject => lostAddresses(subject, databases))(context)
  },
}

/** Services that run a database, by name. */
type Databases = readonly (readonly [string, Database])[]

function databasesIn({ project }: LintContext): Databases {
  return Object.entries(project.model.services).flatMap(([name, service]) => {
    const database = databaseOf(service)
    return database ? [[name, database] as const] : []
  })
}

function* lostAddresses(subject: Subject, databases: Databases): Generator<Finding> {
  if (!hasOwnNetwork(subject.service) || databaseOf(subject.service)) return
  for (const { name, value, path } of writtenEnvironment(subject)) {
    const found = databases.find(([, database]) => isMeant(database, name, value))
    if (found === undefined) continue
    yield {
      path,
      summary: `localhost is this container itself: ${found[1].name} is in the service "${found[0]}"`,
      hint: `write ${found[0]} for the host`,
    }
  }
}

/** By the scheme of an address, or by the name of a variable for the host: POSTGRES_HOST, MYSQL_HOST. */
function isMeant({ schemes = [] }: Database, name: string, value: string): boolean {
  const scheme = ADDRESS.exec(value)?.[1]?.toLowerCase()
  if (scheme !== undefined) return schemes.includes(scheme)
  if (!LOCAL.test(value) || !HOST_NAME.test(name)) return false
  return schemes.some(known => name.toLowerCase().startsWith(`${known}_`))
}
