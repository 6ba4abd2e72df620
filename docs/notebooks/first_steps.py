# A notebook: Jupyter (with jupytext), VS Code and PyCharm open it cell by cell, Python runs it
# whole. It is started from the project's folder, after `make run`.

# %% [markdown]
# # First steps with a trained model
#
# `make run` left a model in `runs/quickstart`. It places a photo among the vectors of words, so
# that any word of its text can be a label, also one that no training image had.

# %%
from pathlib import Path

from pipeline.model import load_model
from pipeline.results.example_images import example_images

RUN = Path("runs/quickstart")
model = load_model(RUN)
print(f"{len(model.terms)} labels, {len(model.seen)} of them trained on")
print(f"{len(model.words.words)} words that a label may be made of")

# %% [markdown]
# ## A photo of a class that was never trained on
#
# In place of the run's own image it may be `Path("photo.jpg").read_bytes()`, or the path itself.

# %%
photo = next(image for image in example_images(RUN) if not image.seen)
print(f"It shows: {', '.join(model.terms[photo.wnid])}")

# %% [markdown]
# ## The labels that were trained on
#
# Its own name is not among them; the nearest are those that its looks and the text put beside it.

# %%
(ranked,) = model.rank([photo.read()], k=3)
for found in ranked:
    print(f"{found.cosine:6.3f}  {found.label}")

# %% [markdown]
# ## The labels that were not, and all together

# %%
for candidates in ("unseen", "all"):
    (ranked,) = model.rank([photo.read()], k=3, candidates=candidates)
    print(candidates)
    for found in ranked:
        print(f"{found.cosine:6.3f}  {found.label}{'' if found.seen else '  (never trained on)'}")

# %% [markdown]
# ## Words of one's own
#
# They need no images, only to occur in the text. One that does not is refused, with the nearest
# spellings.

# %%
(ranked,) = model.rank([photo.read()], labels=["kingfisher", "blue shark", "lemon"])
for found in ranked:
    print(f"{found.cosine:6.3f}  {found.label}")

try:
    model.rank([photo.read()], labels=["kingfischer"])
except ValueError as refused:
    print(refused)

# %% [markdown]
# ## What the text says of such things

# %%
(words,) = model.nearest_words([photo.read()], k=8)
print(", ".join(near.word for near in words))
