(block name: (name) @name) @definition.function
(net name: (name) @name) @definition.class
(recipe_definition name: (name) @name) @definition.function
(let name: (name) @name) @definition.constant

(call name: (name) @name) @reference.call
(application function: (name) @name) @reference.call
(net base: (name) @name @reference.call)
(train name: (name) @name @reference.call)
