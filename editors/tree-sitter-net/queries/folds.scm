[(body) (recipe) (fork) (args) (params) (list) (tuple)] @fold
