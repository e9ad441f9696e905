"""How it looks outside: the words of actions, the REST resources, the events. One owner for each shape.

| shape                     | owner                             |
|---------------------------|-----------------------------------|
| inputs, outputs of actions| the signature, in vocabulary words|
| REST resources            | ``resources`` (marshmallow)       |
| events we emit            | ``events``                        |
| ``published/*.json``      | generated from the above          |
"""
