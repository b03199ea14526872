import { writtenArguments } from '../facts/environment.ts'
import { isSecretName, isSecretValue } from '../facts/secret-names.ts'
import { perService, type Rule } from '../rule.ts'

/** SECRET_IN_BUILD_ARGS */
export const secretInBuildArgs: Rule = {
  code: 'SECRET_IN_BUILD_ARGS',
  severity: 'warning',
  about: 'A password, token or key is a build argument, which the image keeps in its history',
  find: perService(function* (subject) {
    for (const { name, value, path } of writtenArguments(subject))
      if (isSecretName(name) && isSecretValue(value))
        yield {
          path,
          summary: `who has the image can read ${name} in its history`,
          hint: 'use build.secrets and RUN --mount=type=secret',
        }
  }),
}
