-- title: Images without alternative text
-- purpose: Published posts with images that have no alt attribute; screen readers may read out their file names. An empty alt counts as text: it marks an ornament.
-- column path: The post
-- column title: Its title
-- column published_on: Its local date
-- column without_alt: Images without an alt attribute
-- column images: All images of the post
-- column urls: Addresses of the images without one, in the order of the page
SELECT
    path,
    any_value(title) AS title,
    any_value(published_on) AS published_on,
    count(*) FILTER (anchor IS NULL) AS without_alt,
    count(*) AS images,
    list(link.url ORDER BY position) FILTER (anchor IS NULL) AS urls
FROM stored.post_links AS link JOIN posts USING (month, path)
WHERE state = 'published' AND element = 'img'
GROUP BY path
HAVING without_alt > 0
ORDER BY without_alt DESC, published_on DESC, path
