import type { Origin, OverriddenOrigin, VariableOrigin } from '../../../model/index.ts'
import type { Explanation } from './explanation.ts'
import { pathText } from './path.ts'

/** The explanation as JSON: paths as text and as keys, origins as the library has them, files absolute. */
export function explanationToJson({ path, service, values }: Explanation): object {
  return {
    path: pathText(path),
    ...(service ? { service } : {}),
    values: values.map(value => ({
      path: pathText(value.path),
      keys: value.path,
      value: value.value,
      origin: value.origin ? originToJson(value.origin) : null,
    })),
  }
}

function originToJson(origin: Origin): object {
  return { ...withVariables(origin), overrode: origin.overrode.map(withVariables) }
}

function withVariables<Kind extends Origin | OverriddenOrigin>(origin: Kind): object {
  return { ...origin, variables: origin.variables.map(shownVariable) }
}

/** A variable of which only the default or the alternate went into the value keeps what it holds to itself. */
function shownVariable({ value, ...variable }: VariableOrigin): object {
  return variable.used === 'value' ? { ...variable, value } : variable
}
