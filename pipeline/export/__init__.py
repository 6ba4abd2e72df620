"""A model as a folder that the Hugging Face hub takes."""
