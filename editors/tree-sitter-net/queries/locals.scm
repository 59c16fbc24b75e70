[(file) (block) (net) (recipe_definition) (body) (loop)] @local.scope

(block name: (name) @local.definition.function)
(net name: (name) @local.definition.function)
(recipe_definition name: (name) @local.definition.function)
(let name: (name) @local.definition.constant)
(param name: (name) @local.definition.parameter)
(pattern (name) @local.definition.var)
(tuple_pattern (name) @local.definition.var)
(label name: (name) @local.definition.var)
(input name: (name) @local.definition.var)

(name) @local.reference
